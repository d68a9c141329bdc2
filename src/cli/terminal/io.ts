import type { Environment } from '../../config/overrides.ts';

/** The parts of the process that commands use. Data goes to `stdout`, all else to `stderr`. */
export type Io = {
  argv: readonly string[];
  env: Environment;
  cwd: string;
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
};

/** Standard output was closed by its reader, such as `head`. The command ends without an error. */
export class ReaderGone extends Error {}

/** Flags that every command of the lake takes. */
export type LakeFlags = {
  config?: string;
  lake?: string;
  warehouse?: string;
  timeZone?: string;
  fxRates?: string;
  json?: boolean;
};
