import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';

import { rowName } from '../../src/lake/erase/also.ts';
import { erase, planErasure } from '../../src/lake/erase/erase.ts';
import { hashOf, tombstoneKey, writeTombstone } from '../../src/lake/erase/tombstones.ts';
import { readLedger } from '../../src/lake/ledger/ledger.ts';
import { reportOf } from '../support/erased-report.ts';
import type { HandSource } from '../oracle/hand-lake.ts';
import type { OracleInput } from '../oracle/index.ts';
import { NOON, plainLake } from '../properties/plain-lake.ts';
import { type ErasableLake, erasableLake } from '../support/erasable-lake.ts';
import { remains } from '../support/remains.ts';
import { memoryTable } from '../support/memory-table.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const table = memoryTable();

const HEAD = 'customer_id,first_name,last_name,email,purchase_id,purchase_date,amount,currency';
const csv = (...rows: string[]): string => [HEAD, ...rows, ''].join('\n');
type Files = Record<string, string>;

/** A lake that has read the files. */
async function lakeOf(
  files: Files,
  source: HandSource = {},
  settings: Partial<OracleInput> = {},
): Promise<ErasableLake> {
  const lake = await erasableLake({ ...plainLake([], source), ...settings }, table);
  await send(lake, files);
  return lake;
}

async function send(lake: ErasableLake, files: Files, modified = NOON): Promise<void> {
  const objects = Object.entries(files).map(([key, text]) => ({
    key,
    modified,
    bytes: Buffer.from(text),
  }));
  await lake.put(objects);
  await lake.run();
}

const customer = (id: number) => ({ kind: 'id', id }) as const;
const bronze = (lake: ErasableLake, key: string): Promise<string> =>
  readFile(join(lake.root, 'bronze', key), 'utf8');
const totals = async (lake: ErasableLake): Promise<string[]> =>
  (await lake.served()).gold.map(
    (row) => `${row['customer_id']} ${row['full_name'] ?? '-'} ${row['total_spent_aud']}`,
  );

const A = '2026-04-03/a.csv';
const GUESTS = csv(
  '5,Guest,,guest5@example.org,1,2026-04-03,100,AUD',
  '77,Vera,Other,vera@example.org,2,2026-04-03,50,AUD',
  '88,Bo,Broken,bo@example.org,3,2026-04-03,5.00,AUD,EXTRA',
  '99,Cy,Broken,cy@example.org,4,2026-04-03,05,AUD,EXTRA',
  ',Guest,,,5,2026-04-03,70,AUD',
  ',No,Body,guest5@example.org,6,2026-04-03,70,AUD',
  'broken,guest5@example.org',
);

test('rows with the number, and guests of the same name, stay and are listed; rows with the address are erased', async () => {
  await using lake = await lakeOf({ [A]: GUESTS });
  const { unsure, objects } = await planErasure(lake.erase, customer(5));
  expect(unsure.map(({ row, why }) => [row, why])).toEqual([
    [3, 'number'],
    [4, 'number'],
    [5, 'name'],
  ]);
  expect(objects).toEqual([{ object: A, rows: 3, lines: 0 }]);
  const certificate = await erase(lake.erase, customer(5));
  expect(certificate).toMatchObject({ objects, left: [{ object: A, rows: 3 }] });
  const kept = GUESTS.split('\n').filter((line) => !line.includes('guest5@'));
  expect(await bronze(lake, A)).toBe(kept.join('\n'));
  const later = csv(
    '321,New,Person,np@example.org,9,2026-04-03,5.00,AUD,x',
    ',Guest,,,10,2026-04-03,11,AUD',
  );
  await send(lake, { '2026-04-03/b.csv': later });
  expect(await bronze(lake, '2026-04-03/b.csv')).toBe(later);
  expect(await lake.verify()).toEqual([]);
});

test('a tombstone of an earlier version, which holds names, removes nothing by name', async () => {
  await using lake = await lakeOf({ [A]: csv('77,Vera,Other,,2,2026-04-03,50,AUD') });
  const hash = await hashOf(lake.deps.store, 'ab'.repeat(32));
  const names = [hash('id', '5'), hash('name', 'guest'), hash('email', 'guest5@example.org')];
  await writeTombstone(lake.deps.store, tombstoneKey(hash, 5), { format: 1, names, purchases: [] });
  await send(lake, { '2026-04-03/b.csv': GUESTS });
  const kept = GUESTS.split('\n').filter((line) => !line.includes('guest5@'));
  expect(await bronze(lake, '2026-04-03/b.csv')).toBe(kept.join('\n'));
});

test('a selected row is erased and stays erased when its file arrives again; a row that is not listed is an error', async () => {
  await using lake = await lakeOf({ [A]: GUESTS });
  const before = await bronze(lake, A);
  for (const wrong of [`${A}:2`, `${A}:8`, 'other.csv:5'])
    await expect(erase(lake.erase, customer(5), [rowName(wrong)])).rejects.toThrow(wrong);
  expect(await bronze(lake, A)).toBe(before);
  expect(() => rowName('a.csv')).toThrow('FILE:ROW');
  await erase(lake.erase, customer(5), [rowName(`${A}:5`)]);
  const left = await bronze(lake, A);
  expect(left).not.toContain('Guest');
  expect(left).toContain('EXTRA');
  await send(lake, { [A]: GUESTS }, NOON + 60);
  expect(await bronze(lake, A)).toBe(left);
  // The person is erased already: rows that may concern them are still listed and can still be
  // selected.
  await erase(lake.erase, customer(5), [rowName(`${A}:2`)]);
  expect((await planErasure(lake.erase, customer(5))).unsure.map(({ row }) => row)).toEqual([2]);
});

test('selected rows survive a kill, and the same command finishes the work', async () => {
  await using lake = await lakeOf({ [A]: GUESTS });
  const also = [rowName(`${A}:3`), rowName(`${A}:5`)];
  let commits = 0;
  const dying = {
    ...lake.erase,
    async upToCommit() {
      commits += 1;
      if (commits > 1) throw new Error('killed');
      await lake.erase.upToCommit();
    },
  };
  await expect(erase(dying, customer(5), also)).rejects.toThrow('killed');
  const certificate = await erase(lake.erase, customer(5), also);
  expect(certificate?.objects).toEqual([{ object: A, rows: 5, lines: 0 }]);
  expect((await lake.objects()).get(A)?.rows).toMatchObject({ read: 7, erased: 5, quarantined: 1 });
});

test('an address that another customer also has decides nothing', async () => {
  const rows = [
    '5,Ann,Lee,home@example.org,1,2026-04-03,1,AUD',
    '6,Bob,Lee,home@example.org,2,2026-04-03,2,AUD',
  ];
  const guest = ',Bob,Lee,HOME@example.org,3,2026-04-03,3,AUD';
  await using lake = await lakeOf({ [A]: csv(...rows, guest, 'x,home@example.org') });
  const { unsure } = await planErasure(lake.erase, customer(5));
  expect(unsure.map(({ row, why }) => [row, why])).toEqual([
    [3, 'email_shared'],
    [4, 'email_shared'],
  ]);
  await erase(lake.erase, customer(5));
  expect(await bronze(lake, A)).toBe(csv(rows[1] ?? '', guest, 'x,home@example.org'));
  // Nor when a guest's row arrives in another file, while the other customer is in silver.
  await send(lake, { '2026-04-04/b.csv': csv(guest) });
  expect(await bronze(lake, '2026-04-04/b.csv')).toBe(csv(guest));
});

const STATUS: HandSource = { fields: { operation: 'last_name' }, deletes: ['gone'] };

test('purchases that moved between customers leave the other customer unchanged, in both directions and with deletes', async () => {
  await using lake = await lakeOf(
    {
      '2026-04-01/a.csv': csv(
        '2,Ann,,,won-by-zoe,2026-04-01,100,AUD',
        '5,Zoe,,zoe@example.org,won-by-ann,2026-04-01,7,AUD',
        '2,Ann,,,deleted,2026-04-01,40,AUD',
        '5,Zoe,,,own,2026-04-01,1,AUD',
        '2,Ann,,,kept,2026-04-01,3,AUD',
      ),
      '2026-04-02/b.csv': csv(
        '5,Zoe,,,won-by-zoe,2026-04-01,100,AUD',
        '2,Ann,,,won-by-ann,2026-04-01,7,AUD',
        // It identifies the person by the address only, and without it Ann's purchase would count
        // again.
        ',,gone,zoe@example.org,deleted,2026-04-01,,',
        ',,gone,,own,2026-04-01,,',
      ),
    },
    STATUS,
  );
  expect(await totals(lake)).toEqual(['2 Ann 10.00', '5 Zoe 100.00']);
  expect((await planErasure(lake.erase, customer(5))).unsure.map(({ why }) => why)).toEqual([
    'deletes_purchase',
  ]);
  await erase(lake.erase, customer(5));
  expect(await totals(lake)).toEqual(['2 Ann 10.00']);
  expect(await bronze(lake, '2026-04-02/b.csv')).not.toContain(',own,');
  // An old file from a backup restores nothing; a version that is newer than the erased one belongs
  // to Ann.
  await send(lake, { '2026-04-01/a.csv': csv('2,Ann,,,won-by-zoe,2026-04-01,100,AUD') });
  expect(await totals(lake)).toEqual(['2 Ann 7.00']);
  await send(lake, { '2026-04-05/c.csv': csv('2,Ann,,,won-by-zoe,2026-04-01,90,AUD') });
  expect(await totals(lake)).toEqual(['2 Ann 97.00']);
  expect(await lake.verify()).toEqual([]);
});

test("a line of another customer loses what names the person, but keeps its own customer's names", async () => {
  const lines = csv(
    '2,,,,L-1,2026-04-03,1,AUD',
    '5,Zoe,Muller,zoe@example.org,L-1,,2,AUD',
    '2,Ann,,ann@example.org,L-2,2026-04-03,1,AUD',
    '5,Zoe,,zoe@example.org,L-2,,2,AUD',
  );
  await using lake = await lakeOf({ [A]: lines }, { rows: 'lines' });
  const before = await lake.served();
  await send(lake, { '2026-04-04/z.csv': csv('5,Zoe,Muller,zoe@example.org,Z,2026-04-03,9,AUD') });
  expect(
    (await planErasure(lake.erase, customer(5))).unsure.map(({ row, why }) => [row, why]),
  ).toEqual([[2, 'gives_cells']]);
  await erase(lake.erase, customer(5));
  expect(await lake.served()).toEqual(before);
  expect(await bronze(lake, A)).toBe(
    csv(
      '2,,,,L-1,2026-04-03,1,AUD',
      ',Zoe,Muller,zoe@example.org,L-1,,2,AUD',
      '2,Ann,,ann@example.org,L-2,2026-04-03,1,AUD',
      ',,,,L-2,,2,AUD',
    ),
  );
});

const TILL: HandSource = {
  fields: { purchase_id: null, last_name: null, currency: { kind: 'constant', value: 'AUD' } },
};
const till = (...rows: string[]): string =>
  ['customer_id,first_name,email,purchase_date,amount', ...rows, ''].join('\n');

test('copies of a file without purchase ids stay copies after any erasures in any order', async () => {
  const rows = [
    '5,Zoe,,2026-04-03,1',
    '6,Max,,2026-04-03,2',
    '2,Ann,,2026-04-03,50',
    'x5,broken',
    '5,short',
  ];
  const other = till('5,Zoe,,2026-04-03,9', ...rows.slice(1));
  await using lake = await lakeOf(
    {
      '2026-04-03/a.csv': till(...rows),
      '2026-04-03/copy.csv': till(...rows),
      '2026-04-03/other.csv': other,
    },
    TILL,
  );
  const ann = async (): Promise<string[]> =>
    (await totals(lake)).filter((row) => row.startsWith('2'));
  expect(await ann()).toEqual(['2 Ann 100.00']);
  // A row that was selected in one copy is erased from the other as well.
  await erase(lake.erase, customer(5), [rowName('2026-04-03/a.csv:5')]);
  expect(await ann()).toEqual(['2 Ann 100.00']);
  await erase(lake.erase, customer(6));
  expect(await ann()).toEqual(['2 Ann 100.00']);
  await send(lake, { '2026-04-04/again.csv': till(...rows) });
  expect(await ann()).toEqual(['2 Ann 100.00']);
  expect(await bronze(lake, '2026-04-04/again.csv')).toBe(
    await bronze(lake, '2026-04-03/copy.csv'),
  );
  expect(await lake.verify()).toEqual([]);
});

test.each([0.1, 0.05])(
  'the verdict by a share of %d is the same before and after, for later runs and rebuilds too',
  async (share) => {
    const rows = Array.from({ length: 8 }, (_, at) => `1,Big,Buyer,,b${at},2026-04-03,10,AUD`);
    const file = csv(
      ...rows,
      '2,Olga,Other,,o1,2026-04-03,50,AUD',
      '4,Bad,Row,,x1,2026-04-03,abc,AUD',
    );
    const good = csv('1,Big,Buyer,,c1,2026-04-04,1,AUD', '3,Pete,Else,,e1,2026-04-04,70,AUD');
    await using lake = await lakeOf(
      { [A]: file, '2026-04-04/b.csv': good },
      {},
      { maxQuarantinedShare: share },
    );
    const others = (await totals(lake)).filter((row) => !row.startsWith('1 '));
    expect(others).toHaveLength(share === 0.1 ? 2 : 1);
    await erase(lake.erase, customer(1));
    expect(await totals(lake)).toEqual(others);
    expect((await lake.objects()).get(A)?.rows).toMatchObject({ read: 10, erased: 8 });
    lake.deps.remakeAll = true;
    await lake.run();
    expect(await totals(lake)).toEqual(others);
    expect(await lake.verify()).toEqual([]);
  },
);

test('rows that had been rejected count as rejected in the share', async () => {
  const bad = Array.from({ length: 3 }, (_, at) => `1,Big,Buyer,,b${at},2026-04-03,abc,AUD`);
  const file = csv(
    ...bad,
    '1,Big,Buyer,,b9,2026-04-03,1,AUD',
    '2,Olga,Other,,o1,2026-04-03,50,AUD',
  );
  await using lake = await lakeOf(
    { [A]: file, '2026-04-04/b.csv': csv('1,Big,,,c,2026-04-04,1,AUD') },
    {},
    { maxQuarantinedShare: 0.5 },
  );
  expect(await totals(lake)).toEqual(['1 Big 1.00']);
  await erase(lake.erase, customer(1));
  expect(await totals(lake)).toEqual([]);
  expect((await lake.objects()).get(A)).toMatchObject({
    rows: { read: 5, erased: 4, quarantined: 1 },
    erased_rejected: 3,
    refused: { reason: 'too_many_refused' },
  });
  expect(await lake.verify()).toEqual([]);
});

test('rows that a run removes are counted and reported, also if it is killed before its commit, and the count starts from zero with new content', async () => {
  await using lake = await lakeOf({
    [A]: csv('1,A,B,,p1,2026-04-03,10,AUD', '2,C,D,,p2,2026-04-03,10,AUD'),
  });
  await erase(lake.erase, customer(1));
  const B = '2026-04-04/b.csv';
  const { engine } = lake.deps;
  const killed = new Error('killed');
  lake.deps.engine = { ...engine, bronzeToSilver: () => Promise.reject(killed) };
  const sent = csv('1,Quite,Other,,p7,2026-04-03,9,AUD', '3,E,F,,p3,2026-04-03,5,AUD');
  await expect(send(lake, { [B]: sent })).rejects.toThrow('killed');
  expect(await bronze(lake, B)).toBe(csv('3,E,F,,p3,2026-04-03,5,AUD'));
  lake.deps.engine = engine;
  await lake.run();
  expect(await reportOf(lake)).toMatchObject({ read: 2, accepted: 1, erased: 1 });
  expect(
    await lake.rows(`select rows_read, erased from objects where object_key = '${B}'`),
  ).toEqual([{ rows_read: '2', erased: '1' }]);
  expect(await lake.verify()).toEqual([]);
  await send(lake, { [B]: csv('3,E,F,,p3,2026-04-03,6,AUD') }, NOON + 60);
  expect((await lake.objects()).get(B)?.rows).toEqual({
    read: 1,
    accepted: 1,
    duplicate: 0,
    superseded: 0,
    deleted: 0,
    quarantined: 0,
  });
});

test('no value of a row is in the ledger, not even as a header or a JSON key', async () => {
  const row = '1008,Wilhelmina,Zyx,wilhelmina.zyx@example.org,2,2026-04-03,100,AUD';
  const wil = '"Wilhelmina wilhelmina.zyx@example.org';
  const unreadable: Files = {
    '2026-04-03/noheader.csv': `${row}\n${row}\n`,
    '2026-04-03/quote.csv': `${wil}\n`,
    '2026-04-03/keys.json': `{"wilhelmina.zyx@example.org": {"Wilhelmina": 1}}`,
    '2026-04-03/array.json': `[{"customer_id": "Wilhelmina"} "Wilhelmina"]`,
    '2026-04-03/latin.csv': `${HEAD}\n1008,Wilhelmina,Zyx`,
    '2026-04-03/drift.json': `{"customer_id": 2, "purchase_id": "w", "purchase_date": "2026-04-03", "amount": 1, "currency": "AUD", "wilhelmina.zyx@example.org": 1}`,
  };
  await using lake = await lakeOf({ [A]: `${HEAD}\n${row}\n`, ...unreadable });
  const latin = Buffer.concat([
    Buffer.from(`${HEAD}\n1008,`),
    Buffer.from([0xeb]),
    Buffer.from('Wilhelmina'),
  ]);
  await lake.put([{ key: '2026-04-03/latin.csv', modified: NOON + 1, bytes: latin }]);
  await lake.run();
  const { refused } = (await lake.objects()).get('2026-04-03/noheader.csv') ?? {};
  expect(refused?.message).toContain('no column "customer_id"');
  expect(refused?.message).toContain('columns 1 to 8 (names that look like data');
  await lake.put(Object.keys(unreadable).map((key) => ({ key, modified: NOON, bytes: undefined })));
  const certificate = await erase(lake.erase, customer(1008));
  expect(certificate?.commits).toEqual([]);
  expect(await remains(lake.root, ['ilhelmina', 'zyx@example'])).toEqual([]);
});

test('commits of an earlier version that quote the person are reported, and checkpoints that do are removed', async () => {
  const row = '1008,Wilhelmina,Zyx,wilhelmina.zyx@example.org,2,2026-04-03,100,AUD';
  await using lake = await lakeOf({ [A]: `${HEAD}\n${row}\n` });
  const { engine } = lake.deps;
  lake.deps.engine = {
    ...engine,
    async bronzeToSilver(workspace, task) {
      const result = await engine.bronzeToSilver(workspace, task);
      const message = `Columns found: ${row.replaceAll(',', ', ')}.`;
      const old = result.objects.map((one) => ({
        ...one,
        refused: { reason: 'schema_mismatch' as const, message },
      }));
      return { ...result, objects: old };
    },
  };
  await send(lake, { '2026-04-03/noheader.csv': `${row}\n` });
  lake.deps.engine = engine;
  await lake.put([{ key: '2026-04-03/noheader.csv', modified: NOON, bytes: undefined }]);
  await lake.run();
  const { commits } = await planErasure(lake.erase, customer(1008));
  expect(commits).toEqual([2]);
  expect((await erase(lake.erase, customer(1008)))?.commits).toEqual([2]);
  expect((await readLedger(lake.deps.store)).seq).toBeGreaterThan(3);
});
