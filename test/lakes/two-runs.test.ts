import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';

import type { RunReport } from '../../src/lake/run/report.ts';
import { document, purchases } from '../support/cli.ts';
import { listing, testFolder } from '../support/folders.ts';
import { type Ended, start } from '../support/processes.ts';

// Real processes, several per test: on a busy machine each takes seconds to start.
vi.setConfig({ testTimeout: 180_000 });

type Row = Record<string, string | null>;

const SIX =
  'customer_id, full_name, email, total_spent_aud, first_purchase_date, last_purchase_date';
// Between the lock and the note about its holder, another process learns the pid alone.
const BUSY = /^LakeBusy: The lake .* is held by process [0-9]+/;

test('of two concurrent runs on one lake one does the work, and the other reports the holder or finds nothing to do', async () => {
  const cwd = await testFolder();
  const runs = [start(cwd, 'run', '--samples', '--json'), start(cwd, 'run', '--samples', '--json')];
  const ended = await Promise.all(runs.map(({ ended: end }) => end));

  const [winner, ...others] = ended.filter(({ code }) => code === 0);
  if (winner === undefined) throw new Error(`no run ended well: ${errorsOf(ended)}`);
  const worked = [winner, ...others].filter((run) => added(run) > 0);
  expect(worked).toHaveLength(1);
  for (const { stderr, stdout } of ended.filter(({ code }) => code !== 0)) {
    expect(stderr).toMatch(BUSY);
    expect(stdout).toBe('');
  }
  expect(ended.map(({ code }) => code).filter((code) => code !== 0 && code !== 5)).toEqual([]);
  await expectWhole(cwd);
});

test('while a run holds the lake another exits with 5 and reports its pid, its command and its start', async () => {
  const cwd = await testFolder();
  const first = start(cwd, 'run', '--samples', '--json');
  await first.printed('Plan');
  first.kill('SIGSTOP');
  const second = await start(cwd, 'run').ended;
  first.kill('SIGCONT');

  expect(second.code).toBe(5);
  expect(second.stderr).toMatch(
    new RegExp(`held by process ${first.pid} \\(purchases run --samples --json, since 20[^)]+Z\\)`),
  );
  expect((await first.ended).code).toBe(0);
  await expectWhole(cwd);
});

test.each(['BronzeToSilver', 'GoldToRds'])(
  'a run that is killed in %s leaves nothing that the next run does not finish',
  async (state) => {
    const cwd = await testFolder();
    const killed = start(cwd, 'run', '--samples');
    await killed.printed(state === 'BronzeToSilver' ? 'Plan' : 'Publish');
    killed.kill('SIGKILL');
    expect((await killed.ended).code).toBeNull();

    const next = document(await purchases({ cwd }, 'run', '--json')) as RunReport;

    expect(next.seq).toBe(1);
    expect(next.customers).toMatchObject({ total: 23, inserted: 23 });
    await expectWhole(cwd);
  },
);

/**
 * Files of DuckDB's lock and of PGlite, and unfinished files of killed processes: no reader uses
 * them.
 */
const OF_THE_TOOLS = ['_lock/', '_warehouse/', '_tmp/'];
const LAYOUT = [
  /^bronze\/shop\/.*\.(csv|csv\.gz|tsv|json|ndjson)$/,
  /^(silver|quarantine)\/ingestion_date=2026-10-[0-9]{2}\/[0-9a-f]{32}-[0-9a-f]{16}\.parquet$/,
  /^gold\/year=2026\/month=10\/day=14\/version=1-[^/]+\/[^/]+\.parquet$/,
  /^_ledger\/commits\/[0-9]{12}\.json$/,
  /^_runs\/[^/]+\/[a-z]+\.json$/,
];

/**
 * Checks that gold is that of the samples, that the serving table equals it, and that the lake
 * holds no unexpected file.
 */
async function expectWhole(cwd: string): Promise<void> {
  const gold = await rowsOf(cwd, `select ${SIX} from gold order by customer_id`);
  expect(gold).toEqual(await expectedGold());
  expect(
    await rowsOf(
      cwd,
      `select ${SIX} from customer_purchase_summary order by customer_id`,
      '--warehouse-db',
    ),
  ).toEqual(gold);
  const files = Object.keys(await listing(join(cwd, 'lake'), OF_THE_TOOLS));
  expect(files.filter((file) => !LAYOUT.some((pattern) => pattern.test(file)))).toEqual([]);
}

async function rowsOf(cwd: string, sql: string, ...flags: string[]): Promise<Row[]> {
  return document(await purchases({ cwd }, 'query', sql, '--json', ...flags)) as Row[];
}

async function expectedGold(): Promise<Row[]> {
  const path = new URL('../../samples/expected.json', import.meta.url);
  const { gold } = JSON.parse(await readFile(path, 'utf8')) as {
    gold: Record<string, string | number | null>[];
  };
  const text = (value: string | number | null): string | null =>
    value === null ? null : String(value);
  return gold.map(({ purchase_count: _, ...six }) =>
    Object.fromEntries(Object.entries(six).map(([name, value]) => [name, text(value)])),
  );
}

const added = (run: Ended): number => (JSON.parse(run.stdout) as RunReport).objects.added;

const errorsOf = (runs: Ended[]): string => runs.map(({ stderr }) => stderr).join('\n');
