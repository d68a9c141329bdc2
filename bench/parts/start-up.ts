import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Contender } from '../contenders.ts';
import type { Databases } from '../database.ts';
import { input, layOut } from '../input.ts';
import type { Command } from '../measure.ts';
import { inOwnPlace, oneRun } from './work.ts';

const OBJECTS = 1000;
const ROWS_EACH = 10;

/** Seconds, one value per run. */
export type StartUp = { help: number[]; nothing: number[]; objects: number };

/**
 * Measures `--help`, and a run that finds nothing to do on a lake of a thousand objects. Each has
 * one warm-up run that does not count.
 */
export async function startUp(
  databases: Databases,
  product: Contender,
  runs: number,
): Promise<StartUp> {
  return inOwnPlace(databases, product, 'start_up', async (task) => {
    const command = product.command(task);
    const [program] = command.args;
    const help = await times(
      { ...command, args: [program ?? '', '--help'] },
      Math.max(runs, 3) * 4,
    );
    await layOut(await input(OBJECTS * ROWS_EACH, OBJECTS), join(task.folder, 'bronze'));
    await oneRun(product, task);
    return { help, nothing: await times(command, Math.max(runs, 3)), objects: OBJECTS };
  });
}

/** These processes are not sampled: sampling costs some of the milliseconds that are measured. */
async function times({ file, args, cwd, env }: Command, count: number): Promise<number[]> {
  const seconds: number[] = [];
  for (let run = 0; run <= count; run += 1) {
    const started = performance.now();
    await promisify(execFile)(file, args, { cwd, env: { ...process.env, ...env } });
    seconds.push((performance.now() - started) / 1000);
  }
  return seconds.slice(1);
}
