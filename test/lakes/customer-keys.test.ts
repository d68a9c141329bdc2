import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';

import { readLedger } from '../../src/lake/ledger/ledger.ts';
import { folderStore } from '../../src/stores/filesystem/filesystem.ts';
import { type Answer, purchases } from '../support/cli.ts';
import { putBronze, testFolder } from '../support/folders.ts';
import { rewriteCommit, rewriteFile } from '../support/rewrite-lake.ts';

vi.setConfig({ testTimeout: 240_000 });

const FIRST = 1_000_000_001;
const HEAD = 'first_name,last_name,email,purchase_id,purchase_date,amount,currency';
const IDS = 'ids/2026/01/05/a.csv';
const KEYS = 'keys/2026/01/05/b.csv';

let cwd: string;

beforeEach(async () => {
  cwd = await testFolder();
  await config({});
});

const config = (more: object, ids: object = {}): Promise<void> =>
  writeFile(
    join(cwd, 'purchases.config.json'),
    JSON.stringify({
      ...more,
      sources: [
        { name: 'ids', match: 'ids/**', ...ids },
        { name: 'keys', match: 'keys/**', fields: { customer_key: 'key' } },
      ],
    }),
  );

const put = (key: string, customer: string, ...given: string[]): Promise<void> =>
  putBronze(
    join(cwd, 'lake'),
    key,
    [`${customer},${HEAD}`, ...given.map((row) => `${row},2026-01-05,10,AUD`)].join('\n'),
  );
const putIda = (id: number | string = FIRST): Promise<void> =>
  put(IDS, 'customer_id', `${id},Ida,Int,ida@example.org,1`);
const putKarl = (...more: string[]): Promise<void> =>
  put(KEYS, 'key', 'karl@example.org,Karl,Key,karl@example.org,1', ...more);

const run = (...argv: string[]): Promise<Answer> => purchases({ cwd }, ...argv);
const seq = async (): Promise<number> => (await readLedger(folderStore(join(cwd, 'lake')))).seq;

async function rows(sql: string, ...flags: string[]): Promise<string[]> {
  const { stdout } = await run('query', sql, '--format', 'csv', ...flags);
  return stdout.trim().split('\n').slice(1);
}
const gold = (...flags: string[]): Promise<string[]> =>
  rows(
    `select customer_id, full_name, total_spent_aud from ${flags.length > 0 ? 'customer_purchase_summary' : 'gold'} order by customer_id`,
    ...flags,
  );

/** The state of gold and the serving table, and the findings of `verify`. */
async function state(): Promise<object> {
  const { stdout } = await run('verify');
  return { gold: await gold(), served: await gold('--warehouse-db'), verify: stdout.split(' ')[0] };
}
const allShow = (...expected: string[]): object => ({
  gold: expected,
  served: expected,
  verify: 'Equal',
});

async function done(...argv: string[]): Promise<void> {
  const { code, stderr } = await run(...argv);
  expect({ argv, code, stderr: code === 0 ? '' : stderr }).toEqual({ argv, code: 0, stderr: '' });
}

async function refused(...argv: string[]): Promise<string> {
  const before = await seq();
  const { code, stderr } = await run(...argv);
  expect([argv, code, stderr]).toEqual([argv, 1, expect.stringContaining('CustomerIdsCollide')]);
  expect(stderr).toContain(`${FIRST}`);
  expect(stderr).not.toMatch(/karl@|Ida/);
  expect(await seq()).toBe(before);
  return stderr;
}

/** A lake as left by code that assigned a key an integer which a row has as its customer_id. */
async function mergedLake(): Promise<void> {
  await putIda();
  await putKarl();
  await done('run', '-q');
  const lake = join(cwd, 'lake');
  await rewriteCommit(lake, async (commit) => {
    const [file] = commit.keys.files;
    if (file === undefined) throw new Error('there is a registry');
    const select = `select customer_key, cast(${FIRST} as bigint) as customer_id from {file}`;
    const { rules_version: _, ...older } = commit;
    const digest = (records: typeof commit.objects.added) =>
      records.map((record) => ({ ...record, rules: 'older' }));
    return {
      ...older,
      objects: { ...commit.objects, added: digest(commit.objects.added) },
      keys: { files: [await rewriteFile(lake, file, select)], next: FIRST + 1 },
    };
  });
  // The file records the commit that was overwritten.
  await rm(join(lake, '_warehouse'), { recursive: true });
}

test('a key is never assigned an integer that a row of the same run has as its customer_id', async () => {
  await put(IDS, 'customer_id', `${FIRST},Ida,Int,,1`, `${FIRST + 2},Ina,Int,,2`);
  await putKarl('lena,Lena,Key,,2');
  await done('run', '-q');
  expect(await state()).toEqual(
    allShow(
      `${FIRST},Ida Int,10.00`,
      `${FIRST + 1},Karl Key,10.00`,
      `${FIRST + 2},Ina Int,10.00`,
      `${FIRST + 3},Lena Key,10.00`,
    ),
  );
});

test('a later key is assigned none of the integers that rows had before', async () => {
  await putIda();
  await done('run', '-q');
  await putKarl();
  await done('run', '-q');
  expect(await state()).toEqual(allShow(`${FIRST},Ida Int,10.00`, `${FIRST + 1},Karl Key,10.00`));
});

test('a customer_id that an older key has fails the run with a named error, and nothing is committed', async () => {
  await putKarl(...Array.from({ length: 8 }, (_, at) => `k${at},K,Key,,k${at}`));
  await done('run', '-q');
  await putIda();
  const text = await refused('run', '-q');
  expect(text).toContain(`${IDS} row 1`);
  expect(text).toContain(`${KEYS} row 1`);
  expect(await gold('--warehouse-db')).toHaveLength(9);
});

test('a lake that counts two people as one is refused by each command that reads its totals, and erases neither', async () => {
  await mergedLake();
  for (const argv of [
    ['run', '-q'],
    ['plan'],
    ['verify'],
    ['rebuild', '-q'],
    ['explain', String(FIRST)],
    ['explain', 'karl@example.org'],
    ['erase', String(FIRST), '--dry-run'],
    ['erase', 'karl@example.org', '--yes'],
    ['erase', String(FIRST), '--yes'],
  ])
    await refused(...argv);
  expect(await rows('select count(*) from silver')).toEqual(['2']);
});

test('a rebuild assigns the colliding key another integer, the others keep theirs, and the serving table follows', async () => {
  await putKarl('lena,Lena,Key,,2');
  await done('run', '-q');
  await putIda();
  await refused('run', '-q');
  await done('rebuild', '-q', '--renumber-keys', 'colliding');
  expect(await state()).toEqual(
    allShow(`${FIRST},Ida Int,10.00`, `${FIRST + 1},Lena Key,10.00`, `${FIRST + 2},Karl Key,10.00`),
  );
  expect((await run('explain', 'karl@example.org', '--json')).stdout).toContain(`${FIRST + 2}`);
});

test('a lake that had merged two people separates them after such a rebuild', async () => {
  await mergedLake();
  await done('rebuild', '-q', '--renumber-keys', 'colliding');
  expect(await state()).toEqual(allShow(`${FIRST},Ida Int,10.00`, `${FIRST + 1},Karl Key,10.00`));
});

test('all keys move to a range without customer_ids, and none gets an integer that another key had', async () => {
  await putKarl('lena,Lena,Key,,2');
  await done('run', '-q');
  await putIda();
  await config({ firstCustomerId: 5000 });
  await refused('run', '-q');
  await done('rebuild', '-q', '--renumber-keys', 'all');
  expect(await state()).toEqual(
    allShow(`5000,Karl Key,10.00`, `5001,Lena Key,10.00`, `${FIRST},Ida Int,10.00`),
  );
  await config({ firstCustomerId: FIRST });
  await done('rebuild', '-q', '--renumber-keys', 'all');
  expect(await state()).toEqual(
    allShow(`${FIRST},Ida Int,10.00`, `${FIRST + 2},Karl Key,10.00`, `${FIRST + 3},Lena Key,10.00`),
  );
});

test('mapping the column as a key, or correcting or removing the row, also resolves the collision', async () => {
  await mergedLake();
  await config({}, { fields: { customer_key: 'customer_id' } });
  await done('plan');
  await done('run', '-q');
  expect(await state()).toEqual(allShow(`${FIRST},Karl Key,10.00`, `${FIRST + 1},Ida Int,10.00`));
  await config({});
  await refused('run', '-q');
  await putIda(7);
  await done('run', '-q');
  expect(await state()).toEqual(allShow('7,Ida Int,10.00', `${FIRST},Karl Key,10.00`));
});

test('an erasure after a rebuild that renumbered keys finds the person in earlier gold', async () => {
  await putKarl('lena,Lena,Key,,2');
  await done('run', '-q');
  await put('ids/2026/01/06/c.csv', 'customer_id', `${FIRST},Ida,Int,ida@example.org,1`);
  await done('rebuild', '-q', '--renumber-keys', 'colliding');
  const named = "select count(*) from gold_history where full_name = 'Karl Key'";
  expect(await rows(named)).toEqual(['2']);
  await done('erase', 'karl@example.org', '--yes');
  expect(await rows(named)).toEqual(['0']);
  expect(await state()).toEqual(allShow(`${FIRST},Ida Int,10.00`, `${FIRST + 1},Lena Key,10.00`));
  // Karl's integer is not reassigned: rows that have it as their customer_id stay.
  await put('ids/2026/01/07/d.csv', 'customer_id', `${FIRST + 2},Ivo,Int,,9`);
  await done('run', '-q');
  expect(await state()).toEqual(
    allShow(`${FIRST},Ida Int,10.00`, `${FIRST + 1},Lena Key,10.00`, `${FIRST + 2},Ivo Int,10.00`),
  );
});

test('if no integer is left, a lower first integer and a rebuild resolve it', async () => {
  await config({ firstCustomerId: 2 ** 31 - 2 });
  await put(IDS, 'customer_id', `${2 ** 31 - 1},Ida,Int,,1`, '-5,Neg,Ative,,2');
  await putKarl('lena,Lena,Key,,2');
  const { code, stderr } = await run('run', '-q');
  expect([code, stderr]).toEqual([1, expect.stringContaining('CustomerIdsExhausted')]);
  await config({ firstCustomerId: 1 });
  await done('rebuild', '-q', '--renumber-keys', 'all');
  expect(await state()).toEqual(
    allShow(
      '-5,Neg Ative,10.00',
      '1,Karl Key,10.00',
      '2,Lena Key,10.00',
      `${2 ** 31 - 1},Ida Int,10.00`,
    ),
  );
});

test('no key gets the integer of an erased person, and that name then identifies no customer', async () => {
  await putIda();
  await done('run', '-q');
  await done('erase', `${FIRST}`, '--yes');
  await putKarl('lena,Lena,Key,,2');
  await done('run', '-q');
  const left = [`${FIRST + 1},Karl Key,10.00`, `${FIRST + 2},Lena Key,10.00`];
  expect(await state()).toEqual(allShow(...left));
  await done('erase', `${FIRST}`, '--yes');
  expect(await state()).toEqual(allShow(...left));
  await done('erase', 'karl@example.org', '--yes');
  await done('rebuild', '-q', '--renumber-keys', 'all');
  expect(await state()).toEqual(allShow(`${FIRST + 3},Lena Key,10.00`));
  await done('erase', 'karl@example.org', '--yes');
  expect(await state()).toEqual(allShow(`${FIRST + 3},Lena Key,10.00`));
});
