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

// `purchases query … | head` closes the pipe while there is more to say: the command then ends in
// its own way.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
// What libraries log or warn of may quote data, and is never data itself.
globalThis.console = new Console(stderr, stderr);
process.removeAllListeners('warning').on('warning', ({ name, message }) => {
  stderr.write(`${name}: ${message}\n`);
});
process.on('uncaughtException', (error) => {
  fail(error);
  process.exit();
});
// A command that watches for signals itself ends in its own way; others end at once, as they would
// be killed.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(code);
  });

// Every user of the machine can read the arguments of its processes: a password in one is seen
// until here, and no longer.
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
    throw new UsageError('The current folder is not there any more.', {
      hint: 'Change to a folder that exists and give the command again.',
      cause,
    });
  }
}
