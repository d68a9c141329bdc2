import { commandLine } from './command-line.ts';
import { runCli } from './program.ts';

// `purchases query … | head` closes the pipe while there is more to say: the command then ends in its own way.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

const argv = process.argv.slice(2);
// Every user of the machine can read the arguments of its processes: a password in one is seen until here, and no longer.
const safe = commandLine({ argv });
if (safe !== `purchases ${argv.join(' ')}`) process.title = safe;

process.exitCode = await runCli({
  argv,
  env: process.env,
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
});
