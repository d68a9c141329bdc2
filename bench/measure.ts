import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { tree } from './process-tree.ts';

export type Command = {
  file: string;
  args: readonly string[];
  cwd: string;
  env?: Record<string, string>;
};

/** Wall-clock seconds, processor seconds, and the peak resident bytes of the process tree. */
export type Measured = { wall: number; cpu: number; memory: number; stdout: string };

/**
 * One sample costs at least a millisecond of processor time, so long runs are sampled less often.
 */
const EVERY_MS = { atFirst: 50, later: 250 };
const AT_FIRST_MS = 2000;
/** bash adds up the process and every child that was waited for. */
const TIMED = `exec 5>&2; TIMEFORMAT='%U %S'; { time "$@" 2>&5; } 2>"$0"`;

/**
 * Runs a command to its end and samples its process tree. The peak of the largest process comes
 * from the kernel, so a spike between two samples is not missed. Error: the command failed, with
 * the end of its output.
 */
export async function measure(command: Command): Promise<Measured> {
  const times = `${command.cwd}/times.txt`;
  const started = performance.now();
  const child = spawn('bash', ['-c', TIMED, times, command.file, ...command.args], {
    cwd: command.cwd,
    env: { ...process.env, ...command.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr, running] = ['', '', true];
  child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr.on(
    'data',
    (bytes: Buffer) => (stderr = `${stderr}${bytes.toString()}`.slice(-4000)),
  );
  const watched = watch(child.pid, () => running);
  const [status] = (await once(child, 'close')) as [number | null];
  const wall = (performance.now() - started) / 1000;
  running = false;
  const seen = await watched;
  if (status !== 0)
    throw new Error(`${command.file} ${command.args.join(' ')} ended with ${status}:\n${stderr}`);
  const waited = (await readFile(times, 'utf8')).trim().split(' ');
  await rm(times);
  const cpu = waited.reduce((sum, seconds) => sum + Number(seconds), 0);
  return { wall, cpu: Math.max(cpu, seen.cpu), memory: seen.memory, stdout };
}

/**
 * The peak memory of a process tree, and the processor time of each process at the last sample,
 * including children that were not waited for.
 */
async function watch(
  pid: number | undefined,
  running: () => boolean,
): Promise<{ memory: number; cpu: number }> {
  const cpus = new Map<number, number>();
  const started = performance.now();
  let memory = 0;
  if (pid === undefined) return { memory, cpu: 0 };
  while (running()) {
    const processes = await tree(pid);
    for (const { id, cpu } of processes) cpus.set(id, cpu);
    const held = processes.reduce((sum, { resident }) => sum + resident, 0);
    memory = Math.max(memory, held, ...processes.map(({ peak }) => peak));
    const isFirst = performance.now() - started < AT_FIRST_MS;
    await setTimeout(isFirst ? EVERY_MS.atFirst : EVERY_MS.later);
  }
  return { memory, cpu: [...cpus.values()].reduce((sum, cpu) => sum + cpu, 0) };
}
