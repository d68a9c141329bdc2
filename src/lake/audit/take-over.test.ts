import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  csv,
  emptied,
  memoryWarehouse,
  tinyLake,
  type TinyLake,
} from '../../../test/support/tiny-lake.ts';
import { LedgerDamaged, WarehouseForeign } from '../../errors.ts';
import { upToCommit } from '../../state-machine/up-to-commit.ts';
import { readLedger } from '../ledger/ledger.ts';
import { auditTable, takeOver, type TableAudit } from './take-over.ts';

const JANUARY = { '2026-01-31/a.csv': csv('1,Ada,p1,2026-01-05,10.00', '2,Bob,p2,2026-01-06,20') };
const FEBRUARY = { '2026-02-28/b.csv': csv('1,Ada,p4,2026-02-05,5.50', '3,Cyd,p5,2026-02-06,7') };
const GOLD = ['1 15.50', '2 20.00', '3 7.00'];

let opened: Awaited<ReturnType<typeof memoryWarehouse>>;
let lake: TinyLake;

beforeAll(async () => {
  opened = await memoryWarehouse();
});
afterAll(() => opened.warehouse.close());
beforeEach(async () => {
  await emptied(opened.db);
  lake = await tinyLake(opened.warehouse);
  return () => lake[Symbol.asyncDispose]();
});

const sql = (statements: string): Promise<unknown> => opened.db.exec(statements);
async function served(): Promise<string[]> {
  const { rows } = await opened.warehouse.query(
    'SELECT customer_id, total_spent_aud FROM customer_purchase_summary ORDER BY 1',
  );
  return rows.map((row) => row.join(' '));
}

let times = 0;
async function audited(
  limit = 10,
): Promise<{ audit: TableAudit; take: (agreed?: string | null) => Promise<unknown> }> {
  const scratch = join(lake.workspace.scratch, `audit-${++times}`);
  await mkdir(scratch);
  const deps = { ...lake.deps, diff: lake.diff, workspace: { ...lake.workspace, scratch } };
  const audit = await auditTable(deps, limit);
  return { audit, take: (agreed) => takeOver(deps, audit, agreed) };
}

test('a manually edited table is made equal to gold again, then left unchanged', async () => {
  await lake.run(JANUARY);
  await lake.run(FEBRUARY);
  await sql(`UPDATE customer_purchase_summary SET total_spent_aud = 99, email = 'x' WHERE customer_id = 1;
    DELETE FROM customer_purchase_summary WHERE customer_id = 2;
    INSERT INTO customer_purchase_summary (customer_id, total_spent_aud) VALUES (77, 1)`);
  const { audit, take } = await audited();
  expect(audit).toMatchObject({ ours: true, behind: true, cells: { differing: 3 } });
  expect(await take()).toMatchObject({ outcome: 'applied', inserted: 1, updated: 1, deleted: 1 });
  expect(await served()).toEqual(GOLD);
  expect((await audited()).audit).toMatchObject({ behind: false, cells: { findings: [] } });
});

/** Restores the table to its rows after January, with the given commit. */
const restoredAt = (commit: string): Promise<unknown> =>
  sql(`DELETE FROM customer_purchase_summary;
    INSERT INTO customer_purchase_summary SELECT * FROM backup; DROP TABLE backup;
    UPDATE customer_purchase_sync_state SET seq = 1, commit = '${commit}'`);

test('a table that was restored from a backup of an older seq is brought up to date by the next run', async () => {
  await lake.run(JANUARY);
  const first = (await opened.warehouse.state()).sync?.commit ?? '';
  await sql('CREATE TABLE backup AS SELECT * FROM customer_purchase_summary');
  await lake.run(FEBRUARY);
  await restoredAt(first);
  expect((await audited()).audit).toMatchObject({ ours: true, behind: true });
  expect(await lake.run()).toMatchObject({ work: 'tables' });
  expect(await served()).toEqual(GOLD);
});

test('a table at an unknown commit is replaced once the operator names its lake', async () => {
  await lake.run(JANUARY);
  await sql('CREATE TABLE backup AS SELECT * FROM customer_purchase_summary');
  await lake.run(FEBRUARY);
  await restoredAt('a backup of another lake state');
  await expect(lake.run()).rejects.toThrow(WarehouseForeign);
  const { audit, take } = await audited();
  expect(audit).toMatchObject({ origin: { kind: 'other_commit' }, ours: false, behind: true });
  for (const agreed of [undefined, null, 'another'])
    await expect(take(agreed)).rejects.toThrow(WarehouseForeign);
  await take(audit.ledger.lake);
  expect(await served()).toEqual(GOLD);
  expect(await lake.run()).toMatchObject({ work: 'none' });
});

test('a table that changed its origin after the confirmation is left unchanged', async () => {
  await lake.run(JANUARY);
  await sql(`UPDATE customer_purchase_sync_state SET lake = 'other-lake'`);
  const { take } = await audited();
  await sql(`UPDATE customer_purchase_sync_state SET seq = 2, commit = 'went on'`);
  await expect(take('other-lake')).rejects.toThrow(WarehouseForeign);
  expect((await opened.warehouse.state()).sync).toMatchObject({ lake: 'other-lake', seq: 2 });
});

test('a lake restored from a backup older than its table changes the table only after a confirmed repair', async () => {
  await lake.run(JANUARY);
  const newer = lake;
  await using restored = await tinyLake(opened.warehouse, newer);
  await newer.run(FEBRUARY);
  lake = restored;
  for (const files of [{}, { '2026-01-31/c.csv': csv('4,Di,p6,2026-01-07,1') }])
    await expect(lake.run(files)).rejects.toThrow(WarehouseForeign);
  expect(await served()).toEqual(GOLD);

  const { audit, take } = await audited();
  expect(audit).toMatchObject({ origin: { kind: 'other_commit' }, ours: false, behind: true });
  await expect(take()).rejects.toThrow(WarehouseForeign);
  await take(audit.sync?.lake);
  expect(await served()).toEqual(['1 10.00', '2 20.00', '4 1.00']);
  await lake.run(FEBRUARY);
  expect(await served()).toEqual([...GOLD, '4 1.00']);
  lake = newer;
});

test('a clock that goes back does not affect the order of commits or gold', async () => {
  await lake.run(JANUARY);
  const decadesAgo = { now: () => new Date('1999-01-01T00:00:00Z') };
  expect(await lake.run(FEBRUARY, decadesAgo)).toMatchObject({ work: 'lake', seq: 2 });
  expect(await served()).toEqual(GOLD);
  expect((await readLedger(lake.deps.store)).gold?.day).toBe('2026-02-28');
  expect(await lake.run({}, decadesAgo)).toMatchObject({ work: 'none', seq: 2 });
});

test("another pipeline's table is reported by customer before any change, then taken over", async () => {
  await sql(`INSERT INTO customer_purchase_summary (customer_id, total_spent_aud) VALUES
    (1, 15.50), (2, 18), (9, 1000), (4, NULL)`);
  await upToCommit(lake.deps, 'adopt', lake.workspace.signal);
  await lake.run(JANUARY).catch(() => undefined);
  await expect(lake.run(FEBRUARY)).rejects.toThrow(WarehouseForeign);
  const { audit, take } = await audited();
  expect(audit).toMatchObject({ ours: false, behind: true, rows: 4, sync: undefined });
  expect(audit.totals).toEqual({
    differing: 4,
    sum: '-991.00',
    totals: [
      { customer: 9, found: '1000.00', expected: null, difference: '-1000.00' },
      { customer: 3, found: null, expected: '7.00', difference: '7.00' },
      { customer: 2, found: '18.00', expected: '20.00', difference: '2.00' },
      { customer: 4, found: null, expected: null, difference: '0.00' },
    ],
  });
  expect(await served()).toEqual(['1 15.50', '2 18.00', '4 ', '9 1000.00']);
  await expect(take()).rejects.toThrow(WarehouseForeign);
  await take(null);
  expect(await served()).toEqual(GOLD);
  expect(await lake.run()).toMatchObject({ work: 'none' });
});

test('an adoption updates gold and does not change the table', async () => {
  await sql('INSERT INTO customer_purchase_summary (customer_id) VALUES (9)');
  await lake.run(JANUARY).catch(() => undefined);
  await lake.run({ ...FEBRUARY, 'c.csv': csv('5,Eve,p9,2026-03-01,1') }).catch(() => undefined);
  const { seq } = await readLedger(lake.deps.store);
  expect(await upToCommit(lake.deps, 'adopt', lake.workspace.signal)).toBe('tables');
  expect((await readLedger(lake.deps.store)).seq).toBe(seq);
  expect(await served()).toEqual(['9 ']);
});

test('at most `limit` customers are listed, and all are counted', async () => {
  await lake.run(JANUARY);
  await sql('UPDATE customer_purchase_summary SET total_spent_aud = 0');
  const { audit } = await audited(1);
  expect(audit.totals).toMatchObject({ differing: 2, sum: '30.00' });
  expect(audit.totals.totals).toHaveLength(1);
  expect(audit.cells.findings).toHaveLength(1);
});

test('damaged gold is not loaded into a table', async () => {
  await lake.run(JANUARY);
  const { gold } = await readLedger(lake.deps.store);
  await rm(join(lake.root, gold?.files[0]?.key ?? ''));
  await expect(audited()).rejects.toThrow(LedgerDamaged);
});

test('where the gold of the table is missing, all of gold is loaded and removed customers are deleted', async () => {
  await lake.run(JANUARY);
  const { gold } = await readLedger(lake.deps.store);
  await rm(join(lake.root, gold?.files[0]?.key ?? ''));
  await lake.run({ ...FEBRUARY, '2026-01-31/a.csv': csv('1,Ada,p1,2026-01-05,10.00') });
  expect(await served()).toEqual(['1 15.50', '3 7.00']);
});

test('a manually emptied table is filled by the next run, at the newest seq or an older one', async () => {
  await lake.run(JANUARY);
  await sql('DELETE FROM customer_purchase_summary');
  expect(await lake.run()).toMatchObject({ work: 'tables' });
  expect(await served()).toEqual(['1 10.00', '2 20.00']);
  await sql('DELETE FROM customer_purchase_summary');
  await lake.run(FEBRUARY);
  expect(await served()).toEqual(GOLD);
  expect(await lake.run()).toMatchObject({ work: 'none' });
});
