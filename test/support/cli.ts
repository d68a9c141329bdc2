import { Writable } from 'node:stream';

import type { Io } from '../../src/cli/terminal/io.ts';
import { runCli } from '../../src/cli/program.ts';

/**
 * The result of a command line. `bytes` is standard output as written, `stdout` the same as text.
 */
export type Answer = { code: number; stdout: string; stderr: string; bytes: Buffer };

export type Situation = { cwd: string; env?: Record<string, string> };

/** Console and files of a command whose output is discarded. */
export const io = ({ cwd, env = {} }: Situation, argv: readonly string[]): Io => ({
  argv,
  env,
  cwd,
  stdout: new Caught(),
  stderr: new Caught(),
});

/**
 * Runs a command line in this process, as `purchases ...argv` would, with an environment of its
 * own.
 */
export async function purchases({ cwd, env = {} }: Situation, ...argv: string[]): Promise<Answer> {
  const stdout = new Caught();
  const stderr = new Caught();
  const code = await runCli({ argv, env, cwd, stdout, stderr });
  const bytes = stdout.bytes();
  return { code, bytes, stdout: bytes.toString(), stderr: stderr.bytes().toString() };
}

/** The one JSON document of a result. Throws with the command's output if it failed. */
export function document({ code, stdout, stderr }: Answer): unknown {
  if (code !== 0) throw new Error(`the command ended with ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

class Caught extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}
