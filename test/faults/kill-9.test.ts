import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { document, purchases } from '../support/cli.ts';
import { testFolder } from '../support/folders.ts';
import { start } from '../support/processes.ts';
import { numbersOf } from './lake-history.ts';

/** How many processes are killed; `npm run test:faults` kills 100. */
const KILLS = Number(
  process.env['PURCHASES_TEST_KILLS'] ??
    (process.env['PURCHASES_TEST_FAULTS'] === 'all' ? '100' : '2'),
);
const SEED = Number(process.env['PURCHASES_TEST_SEED'] ?? '1');
const MS_A_KILL = 60_000;
const ROWS = 2_000;
const CUSTOMERS = 300;
const CHECKED_EVERY = 10;

const next = numbersOf(SEED);
const below = (limit: number): number => Math.floor(next() * limit);

/** The content of bronze: for each file the cents of each customer. */
type BronzeCents = Map<string, Map<number, bigint>>;

/** Adds, rewrites or removes a file. Each purchase is in one file only. */
async function changeBronze(lake: string, bronze: BronzeCents, number: number): Promise<void> {
  const known = [...bronze.keys()];
  const old = known[below(known.length * 3)];
  if (old !== undefined && below(3) === 0) {
    await rm(join(lake, 'bronze', old));
    bronze.delete(old);
    return;
  }
  const key = old ?? `shop/2026-04-0${1 + below(3)}/f${number}.csv`;
  const cents = new Map<number, bigint>();
  const lines = ['customer_id,purchase_id,purchase_date,amount,currency'];
  for (let row = 0; row < ROWS; row++) {
    const customer = 1 + below(CUSTOMERS);
    const amount = below(1_000_000);
    cents.set(customer, (cents.get(customer) ?? 0n) + BigInt(amount));
    lines.push(`${customer},${key}-${row},2026-03-28,${dollars(BigInt(amount))},AUD`);
  }
  // Renamed into place, so that no run reads half of it.
  await writeFile(join(lake, '..', 'next.csv'), `${lines.join('\n')}\n`);
  await mkdir(dirname(join(lake, 'bronze', key)), { recursive: true });
  await rename(join(lake, '..', 'next.csv'), join(lake, 'bronze', key));
  bronze.set(key, cents);
}

const dollars = (cents: bigint): string =>
  `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;

/** The expected gold and serving table, one line per customer. */
function expected(bronze: BronzeCents): string[] {
  const totals = new Map<number, bigint>();
  for (const file of bronze.values())
    for (const [customer, cents] of file)
      totals.set(customer, (totals.get(customer) ?? 0n) + cents);
  return [...totals]
    .toSorted(([a], [b]) => a - b)
    .map(([customer, cents]) => `${customer} ${dollars(cents)}`);
}

async function served(cwd: string, table: string, ...flags: string[]): Promise<string[]> {
  const sql = `select customer_id, total_spent_aud from ${table} order by customer_id`;
  const rows = document(await purchases({ cwd }, 'query', sql, '--json', ...flags)) as {
    customer_id: string;
    total_spent_aud: string;
  }[];
  return rows.map((row) => `${row.customer_id} ${row.total_spent_aud}`);
}

/** A run that is not killed, after which gold and the table equal bronze, to the cent. */
async function recovered(cwd: string, bronze: BronzeCents): Promise<void> {
  document(await purchases({ cwd }, 'run', '--json'));
  const wanted = expected(bronze);
  expect(await served(cwd, 'gold')).toEqual(wanted);
  expect(await served(cwd, 'customer_purchase_summary', '--warehouse-db')).toEqual(wanted);
}

/**
 * Starts two runs at once and kills each at some moment. Returns how many were killed, and how many
 * had ended before.
 */
async function killTwo(cwd: string, withinMs: number): Promise<number> {
  const killed = [0, 1].map(async () => {
    const run = start(cwd, 'run', '--quiet');
    await wait(below(withinMs));
    run.kill('SIGKILL');
    const { code, stderr } = await run.ended;
    expect([null, 0, 5], stderr).toContain(code);
    return code === null ? 1 : 0;
  });
  return (await Promise.all(killed)).reduce<number>((sum, one) => sum + one, 0);
}

test(
  `processes that are killed with kill -9 while files arrive, change and disappear lose no cent (PURCHASES_TEST_SEED=${SEED})`,
  async () => {
    const cwd = await testFolder();
    const lake = join(cwd, 'lake');
    const bronze: BronzeCents = new Map();
    await changeBronze(lake, bronze, 0);
    const started = Date.now();
    await start(cwd, 'run', '--quiet').ended;
    const wholeMs = Date.now() - started;
    let kills = 0;
    for (let round = 1; kills < KILLS; round++) {
      for (let left = 1 + below(2); left > 0; left--)
        await changeBronze(lake, bronze, round * 10 + left);
      kills += await killTwo(cwd, wholeMs);
      if (round % CHECKED_EVERY === 0) await recovered(cwd, bronze);
    }
    await recovered(cwd, bronze);
    expect((await purchases({ cwd }, 'verify', '--json')).code).toBe(0);
    console.log(`${kills} processes killed with kill -9, ${bronze.size} files left: 0 cents lost`);
  },
  120_000 + KILLS * MS_A_KILL,
);
