import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  csv,
  emptied,
  memoryWarehouse,
  tinyLake,
  type TinyLake,
} from '../../test/support/tiny-lake.ts';
import { RUNS } from '../lake/layout.ts';
import type { Engine } from '../lake/ports/engine.ts';
import type { DataFile, GoldRecord } from '../lake/ledger/records.ts';
import { readDocument, writeDocument } from '../lake/run/run-documents.ts';
import { loadWork } from './steps/load-work.ts';

/** Rows that no test changes, so that a few more rows are an increment. */
const OTHERS = Array.from({ length: 30 }, (_, index) => `9,Other,o${index},2026-01-01,1`);
const BEFORE = { 'a.csv': csv(...OTHERS, '1,Ada,p1,2026-01-05,10', '2,Bob,p2,2026-01-05,20') };
const CHANGE = { 'b.csv': csv('1,Ada,p3,2026-01-06,5', '3,Cyd,p2,2026-01-06,7') };
const AFTER = ['1 Ada 15.00', '3 Cyd 7.00', '9 Other 30.00'];

let opened: Awaited<ReturnType<typeof memoryWarehouse>>;
let lake: TinyLake;
/** The gold files of each load, by their folder. */
let loads: { before: string[] | null; after: string[]; rows: number }[];

beforeAll(async () => {
  opened = await memoryWarehouse();
});
afterAll(() => opened.warehouse.close());
beforeEach(async () => {
  await emptied(opened.db);
  lake = await tinyLake(opened.warehouse);
  await lake.run(BEFORE);
  loads = [];
  return () => lake[Symbol.asyncDispose]();
});

const folders = (files: DataFile[]): string[] => files.map(({ key }) => key.split('/')[0] ?? '');

/** The lake's engine, recording the input of each load. */
function recordingLoads(engine: Engine): Engine {
  return {
    ...engine,
    async goldToStaging(workspace, before, after) {
      const result = await engine.goldToStaging(workspace, before, after);
      loads.push({ before: before && folders(before), after: folders(after), rows: result.rows });
      return result;
    },
  };
}

const served = async (): Promise<string[]> => {
  const { rows } = await opened.warehouse.query(
    `select customer_id || ' ' || full_name || ' ' || total_spent_aud from customer_purchase_summary order by customer_id`,
  );
  return rows.map(([row]) => row ?? '');
};

test("a run's own load consists of the rows it touched, which are removed after it", async () => {
  await lake.run(CHANGE, { engine: recordingLoads(lake.deps.engine) });
  expect(loads).toEqual([{ before: ['_runs'], after: ['_runs'], rows: 3 }]);
  expect(await served()).toEqual(AFTER);
  const left = [];
  for await (const { key } of lake.deps.store.list(RUNS)) left.push(key);
  expect(left.filter((key) => !key.endsWith('/run.json'))).toEqual([]);
});

/** The run fails between its commit and its load. */
const noWarehouse = { warehouse: () => Promise.reject(new Error('no database')) };

test('a run that only finds the table behind compares all of gold', async () => {
  await expect(lake.run(CHANGE, noWarehouse)).rejects.toThrow('no database');
  await lake.run({}, { engine: recordingLoads(lake.deps.engine) });
  expect(loads).toEqual([{ before: ['gold'], after: ['gold'], rows: 3 }]);
  expect(await served()).toEqual(AFTER);
});

test('so does one whose table missed the commit before its own', async () => {
  await expect(lake.run(CHANGE, noWarehouse)).rejects.toThrow('no database');
  const more = { 'c.csv': csv('4,Dan,p4,2026-01-07,1') };
  await lake.run(more, { engine: recordingLoads(lake.deps.engine) });
  expect(loads).toEqual([{ before: ['gold'], after: ['gold'], rows: 4 }]);
  expect(await served()).toEqual([...AFTER.slice(0, 2), '4 Dan 1.00', '9 Other 30.00']);
});

test.each(['former', 'fresh'] as const)(
  'touched rows that do not match the written ones (%s) are not used',
  async (name) => {
    const { engine } = lake.deps;
    const spoiling: Engine = {
      ...recordingLoads(engine),
      async silverToGold(workspace, task) {
        const result = await engine.silverToGold(workspace, task);
        await writeFile(join(lake.root, result.changes?.[name].key ?? ''), 'no Parquet');
        return result;
      },
    };
    await lake.run(CHANGE, { engine: spoiling });
    expect(loads).toEqual([{ before: ['gold'], after: ['gold'], rows: 3 }]);
    expect(await served()).toEqual(AFTER);
  },
);

test('rows touched by an attempt that another writer overtook are not used', async () => {
  await expect(lake.run(CHANGE, noWarehouse)).rejects.toThrow('no database');
  const { deps, workspace } = lake;
  let runId = '';
  for await (const { key } of deps.store.list(RUNS))
    if (key.endsWith('/gold.json')) runId = key.split('/')[1] ?? '';
  const document = await readDocument(deps.store, runId, 'gold');
  expect(folders((await loadWork(deps, workspace, runId))?.after ?? [])).toEqual(['_runs']);
  const other = { ...document.gold, prefix: 'gold/other/' } as GoldRecord;
  await writeDocument(deps.store, runId, 'gold', { ...document, gold: other });
  expect(folders((await loadWork(deps, workspace, runId))?.after ?? [])).toEqual(['gold']);
});
