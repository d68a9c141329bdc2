import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';

import { loadConfig } from '../../config/load.ts';
import type { ConfigInput } from '../../config/shape/shape.ts';
import type { Change } from '../../lake/run/plan.ts';
import { readDocument } from '../../lake/run/run-documents.ts';
import { initialRunState, type RunState, type Step } from '../../state-machine/run-state.ts';
import { createSteps } from '../../state-machine/steps/index.ts';
import { runCli } from '../program.ts';
import { wire } from './wiring.ts';

/** Objects by key below bronze/; null removes one. Objects without a time have the same one. */
export type Files = Record<string, string | { content: string; modified: number } | null>;

export type Answer = { code: number; stdout: string; stderr: string };

/**
 * A lake in a temporary folder with its own configuration and the real engine. Disposing it removes
 * the folder.
 */
export type SmallLake = AsyncDisposable & {
  folder: string;
  configure(input: ConfigInput): Promise<void>;
  write(files: Files): Promise<void>;
  rates(csv: string): Promise<void>;
  /**
   * Runs every step up to the commit, without a serving table. Returns the objects that it read.
   */
  make(): Promise<{ read: Record<string, Change>; unchanged: number }>;
  /** Runs a command with the lake's configuration. */
  cli(...argv: string[]): Promise<Answer>;
};

/** 2026-01-31 12:00 in Sydney. */
const NOON = 1_769_821_200;
const NO_TABLE = new Error('this lake has no serving table');
const RATES = 'currency,rate_date,rate_aud\nEUR,2026-01-28,1.7\nUSD,2026-01-28,1.5\n';

export async function smallLake(files: Files, input: ConfigInput = {}): Promise<SmallLake> {
  const root = await mkdtemp(join(tmpdir(), 'purchases-small-'));
  const folder = join(root, 'lake');
  const lake: SmallLake = {
    folder,
    configure: (next) =>
      writeFile(
        join(root, 'purchases.config.json'),
        JSON.stringify({ fx: { rates: './rates.csv' }, ...next }),
      ),
    async write(changed) {
      for (const [key, given] of Object.entries(changed)) await place(folder, key, given);
    },
    rates: (csv) => writeFile(join(root, 'rates.csv'), csv),
    make: () => make(root),
    cli: (...argv) => cli(root, argv),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
  await mkdir(join(folder, 'bronze'), { recursive: true });
  await lake.configure(input);
  await lake.rates(RATES);
  await lake.write(files);
  return lake;
}

async function place(folder: string, key: string, given: Files[string] = null): Promise<void> {
  const path = join(folder, 'bronze', key);
  if (given === null) return rm(path);
  const { content, modified } =
    typeof given === 'string' ? { content: given, modified: NOON } : given;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  await utimes(path, modified, modified);
}

async function make(root: string): ReturnType<SmallLake['make']> {
  const config = await loadConfig({ cwd: root, env: {}, flags: {} });
  await using wiring = await wire(config, () => new Date('2026-02-10T00:00:00Z'));
  const deps = { ...wiring.deps, warehouse: () => Promise.reject(NO_TABLE) };
  const steps = createSteps(deps);
  const { signal } = new AbortController();
  const go = (step: Step, state: RunState, stateName: string): Promise<RunState> =>
    step(state, { signal, stateName });
  const planned = await go(steps.Plan, initialRunState(deps.newId(), 'test'), 'Plan');
  const plan = await readDocument(deps.store, planned.run_id, 'plan');
  const made = await go(steps.BronzeToSilver, planned, 'BronzeToSilver');
  await go(steps.Commit, await go(steps.SilverToGold, made, 'SilverToGold'), 'Commit');
  return {
    read: Object.fromEntries(plan.make.map(({ key, change }) => [key, change])),
    unchanged: plan.unchanged,
  };
}

async function cli(cwd: string, argv: readonly string[]): Promise<Answer> {
  const [stdout, stderr] = [collected(), collected()];
  const code = await runCli({
    argv,
    cwd,
    env: { NO_COLOR: '1' },
    stdout: stdout.stream,
    stderr: stderr.stream,
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collected(): { stream: Writable; text(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}
