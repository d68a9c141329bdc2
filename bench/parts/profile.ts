import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contender, Task } from '../contenders.ts';
import type { Databases } from '../database.ts';
import { type Input, input, layOut } from '../input.ts';
import { secondsByOperator, type Statement } from './operators.ts';
import { inOwnPlace, oneRun, type Run, shown } from './work.ts';

/** Seconds of one state of the state machine: wall clock, and DuckDB's by kind of operator. */
export type StateProfile = {
  state: string;
  wall: number;
  statements: number;
  operators: Record<string, number>;
};
/**
 * `plain` and `profiled` are the seconds of each run without and with profiles; `states` come from
 * the median run with profiles.
 */
export type Profile = {
  rows: number;
  plain: number[];
  profiled: number[];
  states: StateProfile[];
};

type Profiled = { run: Run; states: StateProfile[] };

/** This product's full run without DuckDB's profiles and with them, interleaved, `runs` times. */
export async function profile(
  databases: Databases,
  product: Contender,
  { rows, runs }: { rows: number; runs: number },
  log: (line: string) => void,
): Promise<Profile> {
  const whole = await input(rows);
  const plain: Run[] = [];
  const profiled: Profiled[] = [];
  for (let turn = 0; turn < runs; turn += 1) {
    const alone = await inOwnPlace(databases, product, `plain_${turn}`, (task) =>
      fullRun(product, whole, task),
    );
    const withProfiles = await inOwnPlace(databases, product, `profiled_${turn}`, (task) =>
      profiledRun(product, whole, task),
    );
    plain.push(alone);
    profiled.push(withProfiles);
    log(`Run ${turn + 1}: ${shown(alone)}; with profiles: ${shown(withProfiles.run)}`);
  }
  const byTime = profiled.toSorted((a, b) => a.run.wall - b.run.wall);
  return {
    rows,
    plain: plain.map(({ wall }) => wall),
    profiled: profiled.map(({ run }) => run.wall),
    states: byTime[Math.floor((runs - 1) / 2)]?.states ?? [],
  };
}

async function fullRun(contender: Contender, whole: Input, task: Task): Promise<Run> {
  await layOut(whole, join(task.folder, 'bronze'));
  return oneRun(contender, task);
}

async function profiledRun(product: Contender, whole: Input, task: Task): Promise<Profiled> {
  const folder = join(task.out, 'profiles');
  const command = product.command(task);
  const profiling = () => ({ ...command, args: [...command.args, '--profiles', folder] });
  const run = await fullRun({ ...product, command: profiling }, whole, task);
  const statements = await statementsByState(folder);
  const states = Object.entries(run.steps ?? {}).flatMap(([state, wall]) => {
    const own = statements.get(state);
    if (own === undefined) return [];
    return [{ state, wall, statements: own.length, operators: secondsByOperator(own) }];
  });
  return { run, states };
}

/**
 * The profiles that were written, STATE-ATTEMPT/[lane-N/]NUMBER.json. The last one of an appender
 * has no number.
 */
async function statementsByState(folder: string): Promise<Map<string, Statement[]>> {
  const states = new Map<string, Statement[]>();
  for (const name of await readdir(folder, { recursive: true })) {
    if (!/\d\.json$/.test(name)) continue;
    const [state = ''] = name.split('-');
    const statement = JSON.parse(await readFile(join(folder, name), 'utf8')) as Statement;
    states.set(state, [...(states.get(state) ?? []), statement]);
  }
  return states;
}
