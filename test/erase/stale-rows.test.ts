import { rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';

import { type Certificate, erase } from '../../src/lake/erase/erase.ts';
import { CERTIFICATES } from '../../src/lake/layout.ts';
import { readLedger } from '../../src/lake/ledger/ledger.ts';
import { NOON, plainLake } from '../properties/plain-lake.ts';
import type { HandSource } from '../oracle/hand-lake.ts';
import { type ErasableLake, erasableLake } from '../support/erasable-lake.ts';
import { remains } from '../support/remains.ts';
import { memoryTable } from '../support/memory-table.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const table = memoryTable();

const WORDS = ['Vexpersonq', 'vexmail@', '77110042'];
const ID = 77_110_042;
const HEAD = 'customer_id,first_name,last_name,email,purchase_id,purchase_date,amount,currency';
const csv = (...rows: string[]): string => [HEAD, ...rows, ''].join('\n');
const vex = (purchase: string): string =>
  `${ID},Vexpersonq,B,vexmail@example.org,${purchase},2026-04-03,10,AUD`;
const cleo = (purchase: string): string => `3,Cleo,C,cleo@example.org,${purchase},2026-04-03,5,AUD`;
const dora = (purchase: string): string => `4,Dora,D,dora@example.org,${purchase},2026-04-03,7,AUD`;

const [A, B, C] = ['2026-04-03/a.csv', '2026-04-03/b.csv', '2026-04-03/c.csv'];
type Files = Record<string, string | Uint8Array | undefined>;

async function lakeOf(files: Files, source: HandSource = {}): Promise<ErasableLake> {
  const lake = await erasableLake(plainLake([], source), table);
  await send(lake, files);
  return lake;
}

async function send(lake: ErasableLake, files: Files, modified = NOON): Promise<void> {
  await lake.put(
    Object.entries(files).map(([key, content]) => ({
      key,
      modified,
      bytes: typeof content === 'string' ? Buffer.from(content) : content,
    })),
  );
  await lake.run();
}

const eraseVex = (on: ErasableLake['erase']): Promise<Certificate | undefined> =>
  erase(on, { kind: 'id', id: ID });

const liveFiles = async (lake: ErasableLake): Promise<string[]> => [
  ...(await readLedger(lake.deps.store)).files.keys(),
];

/** The person is in no file of the lake, nothing is left to do, and the lake matches bronze. */
async function mustBeGone(lake: ErasableLake): Promise<void> {
  expect(await remains(lake.root, WORDS)).toEqual([]);
  expect(await eraseVex(lake.erase)).toBeUndefined();
  expect((await lake.run()).work).toBe('none');
  expect(await lake.verify()).toEqual([]);
}

const totals = async (lake: ErasableLake): Promise<string[]> =>
  (await lake.served()).table.map((row) => `${row['full_name']} ${row['total_spent_aud']}`);

test('of two files of one day, the one that names the person leaves no row in the silver file of both', async () => {
  await using lake = await lakeOf({ [A]: csv(vex('p1')), [B]: csv(cleo('p2')) });
  const before = await liveFiles(lake);
  expect(before).toHaveLength(1);
  const certificate = await eraseVex(lake.erase);
  expect(certificate?.objects).toEqual([{ object: A, rows: 1, lines: 0 }]);
  expect(certificate?.removed).toEqual(expect.arrayContaining(before));
  const after = await liveFiles(lake);
  expect(after.filter((key) => before.includes(key))).toEqual([]);
  expect(await totals(lake)).toEqual(['Cleo C 5.00']);
  await mustBeGone(lake);
});

test.each([
  ['replaced', csv(dora('p3'))],
  ['removed', undefined],
])('a file that had been %s before leaves no row', async (_, content) => {
  await using lake = await lakeOf({ [A]: csv(vex('p1')), [B]: csv(cleo('p2')) });
  await send(lake, { [A]: content }, NOON + 60);
  const certificate = await eraseVex(lake.erase);
  expect(certificate?.objects).toEqual([]);
  expect(await totals(lake)).toEqual(['Cleo C 5.00', ...(content ? ['Dora D 7.00'] : [])]);
  await mustBeGone(lake);
});

test.each([
  ['named by rules', `${ID},Vexpersonq,B,vexmail@example.org,p9,never,1,AUD`],
  ['malformed, with the number', `${ID},Vexpersonq,short`],
  ['malformed, with the address', 'x,vexmail@example.org,short'],
])('a quarantine file of several objects keeps no row that is %s', async (_, row) => {
  const also = csv(cleo('p5'), '3,Cleo,C,cleo@example.org,p6,never,1,AUD');
  await using lake = await lakeOf({ [A]: csv(vex('p1'), row), [B]: also });
  await send(lake, { [A]: csv(dora('p3')) }, NOON + 60);
  await eraseVex(lake.erase);
  expect(await totals(lake)).toEqual(['Cleo C 5.00', 'Dora D 7.00']);
  await mustBeGone(lake);
});

test('stale rows in files of an object that is read again only because of others are removed too', async () => {
  const bad = '3,Cleo,C,cleo@example.org,p6,never,1,AUD';
  await using lake = await lakeOf({
    [A]: csv(vex('p1')),
    // In silver next to the person, and in quarantine next to another object that silver does not
    // have.
    [B]: `${HEAD}\n${cleo('p2')}\n${bad}\n3,Vexpersonq B,short\n`,
    [C]: csv(bad),
  });
  await eraseVex(lake.erase);
  expect(await totals(lake)).toEqual(['Cleo C 5.00']);
  // The row that no rule can decide is still in bronze, and in one file that was built from it.
  const named = await remains(lake.root, WORDS);
  const layers = named.map((path) => relative(lake.root, path).split(sep)[0]);
  expect(layers).toHaveLength(2);
  expect(layers).toEqual(expect.arrayContaining(['bronze', 'quarantine']));
  expect(await eraseVex(lake.erase)).toBeUndefined();
  expect(await lake.verify()).toEqual([]);
});

test('a person who is known by a key, and lines of a purchase, leave no row', async () => {
  const head = 'who,first_name,purchase_id,purchase_date,amount,currency';
  const key = 'vexmail@example.org';
  const source: HandSource = { rows: 'lines', fields: { customer_key: 'who' } };
  await using lake = await lakeOf(
    {
      [`${A}.gz`]: gzipSync(`${head}\n${key},Vexpersonq,p1,2026-04-03,1,AUD\n,,p1,,2,\n`),
      [B]: `${head}\ncleo,Cleo,p2,2026-04-03,5,AUD\n${key},Vexpersonq,p2,2026-04-03,1,AUD\n`,
      [C]: `${head}\ndora,Dora,p3,2026-04-03,7,AUD\n`,
    },
    source,
  );
  const replaced = gzipSync(`${head}\ndora,Dora,p4,2026-04-03,7,AUD\n`);
  await send(lake, { [`${A}.gz`]: replaced }, NOON + 60);
  await erase(lake.erase, { kind: 'key', key });
  expect(await remains(lake.root, WORDS)).toEqual([]);
  expect(await erase(lake.erase, { kind: 'key', key })).toBeUndefined();
  expect(await totals(lake)).toEqual(['Cleo 6.00', 'Dora 14.00']);
  expect(await lake.verify()).toEqual([]);
});

test.each([
  { kind: 'key', key: 'vexmail@example.org' } as const,
  { kind: 'text', text: 'vexmail@example.org' } as const,
])('killed after all but the certificate, the same command by $kind finishes', async (name) => {
  const isKey = name.kind === 'key';
  const head = 'who,email,purchase_id,purchase_date,amount,currency';
  const line = (who: string, email: string, purchase: string): string =>
    `${who},${email},${purchase},2026-04-03,5,AUD`;
  const fields: HandSource['fields'] = isKey ? { customer_key: 'who' } : { customer_id: 'who' };
  const [vexId, cleoId] = isKey ? ['vexmail@example.org', 'cleo'] : [String(ID), '3'];
  await using lake = await lakeOf(
    {
      [A]: `${head}\n${line(vexId, 'vexmail@example.org', 'p1')}\n`,
      [B]: `${head}\n${line(cleoId, 'cleo@example.org', 'p2')}\n`,
    },
    { fields: { first_name: null, last_name: null, ...fields } },
  );
  const { store } = lake.deps;
  const put: typeof store.put = (key, ...more) =>
    key.startsWith(CERTIFICATES) ? Promise.reject(new Error('killed')) : store.put(key, ...more);
  const dying = { ...lake.erase, workspace: { ...lake.erase.workspace, store: { ...store, put } } };
  await expect(erase(dying, name)).rejects.toThrow('killed');
  const certificate = await erase(lake.erase, name);
  expect(certificate?.objects).toEqual([{ object: A, rows: 1, lines: 0 }]);
  expect(await remains(lake.root, WORDS)).toEqual([]);
  expect(await lake.verify()).toEqual([]);
});

test('remains of an earlier version are found and erased by the same command', async () => {
  await using lake = await lakeOf({ [A]: csv(vex('p1')), [B]: csv(cleo('p2')) });
  const { personSearch } = lake.erase;
  const earlier = {
    ...lake.erase,
    personSearch: { ...personSearch, stale: () => Promise.resolve([]) },
  };
  await eraseVex(earlier);
  expect(await remains(lake.root, WORDS)).toHaveLength(1);
  expect(await eraseVex(earlier)).toBeUndefined();
  const certificate = await eraseVex(lake.erase);
  expect(certificate).toMatchObject({ objects: [], removed: [expect.stringMatching('^silver/')] });
  await mustBeGone(lake);
});

test('a person of whom only stale rows are left is found, and an unknown number is not', async () => {
  await using lake = await lakeOf({ [A]: csv(vex('p1')), [B]: csv(cleo('p2')) });
  await send(lake, { [A]: undefined }, NOON + 60);
  await rm(join(lake.root, 'gold/year=2026/month=04/day=03'), { recursive: true });
  await lake.run();
  await expect(erase(lake.erase, { kind: 'id', id: 5 })).rejects.toThrow('Customer 5 has no');
  expect(await eraseVex(lake.erase)).toMatchObject({ objects: [] });
  await mustBeGone(lake);
});

test('stale rows of other people cause no work', async () => {
  await using lake = await lakeOf({ [A]: csv(vex('p1'), cleo('p1a')), [B]: csv(cleo('p2')) });
  await eraseVex(lake.erase);
  await send(lake, { [A]: csv(dora('p3')) }, NOON + 60);
  const { seq } = await readLedger(lake.deps.store);
  expect(await eraseVex(lake.erase)).toBeUndefined();
  expect((await readLedger(lake.deps.store)).seq).toBe(seq);
});

test.each([2, 3])('an erasure that is killed at commit %i is finished by the next', async (at) => {
  await using lake = await lakeOf({ [A]: csv(vex('p1')), [B]: csv(cleo('p2')) });
  let calls = 0;
  const dying: ErasableLake['erase'] = {
    ...lake.erase,
    async upToCommit(remake) {
      calls += 1;
      if (calls === at) throw new Error('killed');
      await lake.erase.upToCommit(remake);
    },
  };
  await expect(eraseVex(dying)).rejects.toThrow('killed');
  // A run in between does not finish an erasure.
  await lake.run();
  const certificate = await eraseVex(lake.erase);
  expect(certificate?.objects).toEqual([{ object: A, rows: 1, lines: 0 }]);
  await mustBeGone(lake);
});

test('if objects cannot be read again the erasure is refused, and it continues once they can', async () => {
  await using lake = await lakeOf({ [A]: csv(vex('p1')), [B]: csv(cleo('p2')) });
  const stuck: ErasableLake['erase'] = {
    ...lake.erase,
    // Simulates objects that are hidden from the plan.
    upToCommit: () => lake.erase.upToCommit(),
  };
  await expect(eraseVex(stuck)).rejects.toThrow('cannot be read again: one of "2026-04-03/b.csv"');
  expect(await eraseVex(lake.erase)).toMatchObject({ objects: [{ object: A }] });
  await mustBeGone(lake);
});
