import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Contender, Task } from '../contenders.ts';
import { type Databases, tableDigest } from '../database.ts';
import { increment, type Input, input, layOut, writeRates } from '../input.ts';
import { measure, type Measured } from '../measure.ts';

/**
 * Measurements of one run of a contender, and the serving table after it. `steps` are this
 * product's own seconds, per state.
 */
export type Run = Omit<Measured, 'stdout'> & {
  customers: number;
  digest: string;
  steps?: Record<string, number>;
};
/** `failed` is the reason if it did not succeed. */
export type Contest = {
  name: string;
  title: string;
  full: Run[];
  increment: Run[];
  failed?: string;
};

/**
 * Runs every contender over the same files, interleaved, `runs` times (slow ones once), each time
 * into a new database; then adds one file of a thousandth of the rows. This product processes only
 * that file; the scripts keep no state, so they run again in full.
 */
export async function compare(
  databases: Databases,
  chosen: readonly Contender[],
  { rows, runs }: { rows: number; runs: number },
  log: (line: string) => void,
): Promise<Contest[]> {
  const whole = await input(rows);
  const added = await increment(whole, rows / 1000);
  const contests: Contest[] = chosen.map(({ name, title }) => ({
    name,
    title,
    full: [],
    increment: [],
  }));
  for (let turn = 0; turn < runs; turn += 1)
    for (const [index, contender] of chosen.entries()) {
      const contest = contests[index];
      if (contest === undefined || contest.failed !== undefined || (contender.once && turn > 0))
        continue;
      try {
        const { full, more } = await runOnce(databases, contender, turn, whole, added);
        contest.full.push(full);
        contest.increment.push(more);
        log(`${contender.title}, run ${turn + 1}: ${shown(full)}; the increment: ${shown(more)}`);
      } catch (error) {
        contest.failed = (error as Error).message.slice(-600);
        log(`${contender.title} failed: ${contest.failed}`);
      }
    }
  return contests;
}

export const shown = ({ wall, cpu, memory }: Run): string =>
  `${wall.toFixed(2)} s, ${cpu.toFixed(2)} CPU s, ${(memory / 1e6).toFixed(0)} MB`;

async function runOnce(
  databases: Databases,
  contender: Contender,
  turn: number,
  whole: Input,
  added: Input,
): Promise<{ full: Run; more: Run }> {
  return inOwnPlace(databases, contender, String(turn), async (task) => {
    await layOut(whole, join(task.folder, 'bronze'));
    const full = await oneRun(contender, task);
    await layOut(added, join(task.folder, 'bronze'));
    return { full, more: await oneRun(contender, task) };
  });
}

/** Creates a new folder and a new database for a contender, and removes both afterwards. */
export async function inOwnPlace<T>(
  databases: Databases,
  { name, migrates }: Contender,
  turn: string,
  act: (task: Task) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), `purchases-bench-${name}-`));
  const database = `${name}_${turn}`.replaceAll('-', '_');
  try {
    const task = {
      folder,
      out: join(folder, 'out'),
      rates: join(folder, 'rates.csv'),
      database: await databases.create(database, !migrates),
    };
    await writeRates(task.rates);
    return await act(task);
  } finally {
    await databases.drop(database);
    await rm(folder, { recursive: true, force: true });
  }
}

/** One run over the files in the folder, with an empty output folder. */
export async function oneRun(contender: Contender, task: Task): Promise<Run> {
  await rm(task.out, { recursive: true, force: true });
  await mkdir(task.out);
  const { stdout, ...figures } = await measure(contender.command(task));
  const steps = contender.migrates
    ? { steps: (JSON.parse(stdout) as { seconds: Record<string, number> }).seconds }
    : {};
  return { ...figures, ...(await tableDigest(task.database)), ...steps };
}
