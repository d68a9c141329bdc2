import { setTimeout } from 'node:timers/promises';
import { tree } from '../../bench/process-tree.ts';
import { type Ended, start } from '../support/processes.ts';

const EVERY_MS = 50;

/** How a command ended, and the peak resident bytes of its process tree. */
export type Held = Ended & { memory: number; seconds: number };

/**
 * Runs the built command to its end and samples its memory; the kernel's own peak of each process
 * catches spikes between samples.
 */
export async function held(cwd: string, ...argv: string[]): Promise<Held> {
  const started = performance.now();
  const { pid, ended } = start(cwd, ...argv);
  const state = { running: true };
  const stopped = ended.finally(() => (state.running = false));
  let memory = 0;
  while (state.running) {
    const processes = await tree(pid);
    const now = processes.reduce((sum, { resident }) => sum + resident, 0);
    memory = Math.max(memory, now, ...processes.map(({ peak }) => peak));
    await Promise.race([stopped, setTimeout(EVERY_MS)]);
  }
  return { ...(await stopped), memory, seconds: (performance.now() - started) / 1000 };
}
