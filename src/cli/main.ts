import { Console } from 'node:console';

import { UsageError } from '../errors.ts';
import { commandLine } from './terminal/command-line.ts';
import { failureText, knownFailure } from './terminal/failure.ts';
import { runCli } from './program.ts';
import { guarded } from './terminal/terminal.ts';

const argv = process.argv.slice(2);
const stderr = guarded(process.stderr);
const fail = (error: unknown): void => {
  stderr.write(failureText({ env: process.env, stderr }, error));
  process.exitCode = knownFailure(error)?.exitCode ?? 1;
};

// `purchases query … | head` closes the pipe before the end of the output. The command ends by
// itself then.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
// Logs and warnings of libraries are not data, and may quote it: they go to standard error.
globalThis.console = new Console(stderr, stderr);
process.removeAllListeners('warning').on('warning', ({ name, message }) => {
  stderr.write(`${name}: ${message}\n`);
});
process.on('uncaughtException', (error) => {
  fail(error);
  process.exit();
});
// Commands with their own signal handlers end by themselves. All others end at once, as if killed.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(code);
  });

// Every user of the machine can read the arguments of its processes. From here on, passwords in
// them are hidden.
const safe = commandLine({ argv });
if (safe !== `purchases ${argv.join(' ')}`) process.title = safe;

try {
  const { env, stdout } = process;
  process.exitCode = await runCli({
    argv,
    env,
    cwd: currentFolder(),
    stdout,
    stderr: process.stderr,
  });
} catch (error) {
  fail(error);
}

function currentFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new UsageError('The current folder no longer exists.', {
      hint: 'Change to a folder that exists and run the command again.',
      cause,
    });
  }
}
