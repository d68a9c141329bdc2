import type { Environment } from '../../config/overrides.ts';

/**
 * What a command may touch of the process that it runs in. Data goes to `stdout`, all else to
 * `stderr`.
 */
export type Io = {
  argv: readonly string[];
  env: Environment;
  cwd: string;
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
};

/**
 * Standard output was closed by its reader, as `head` does: not a failure, but there is nothing
 * left to do.
 */
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
