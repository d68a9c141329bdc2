import { csvSlices } from '../../lake/bronze/csv-slices.ts';
import { jsonRows as jsonTexts } from '../../lake/bronze/json-rows.ts';
import { BronzeChanged } from '../../errors.ts';
import { BRONZE } from '../../lake/layout.ts';
import type { BronzeToSilverTask, MadeObjects, Workplace } from '../../lake/ports/engine.ts';
import { missingColumns, sourceColumns } from '../../medallion/columns.ts';
import { ratesByDay } from '../../medallion/rates-by-day.ts';
import { type Batch, inBatches } from './batches.ts';
import { PLAIN_LINES_SETTINGS } from './csv-sql.ts';
import { type BatchRows, type MakeBatch, makeBatch, ratesRelation } from './make-batch.ts';
import { prepare, type Prepared, schemaMismatch } from './prepare.ts';
import { jsonRows, loadJsonRows, locateJsonColumns } from './json-rows.ts';
import { type BatchObject, plainRows, tokenisedRows } from './rows.ts';
import type { Session } from './session.ts';

/** Reads every object of the task, batch by batch. */
export async function bronzeToSilver(
  session: Session,
  engine: string,
  work: Workplace,
  task: BronzeToSilverTask,
): Promise<MadeObjects> {
  for (const setting of PLAIN_LINES_SETTINGS) await session.run(setting);
  await session.run(
    `create or replace temp table rates_by_day as ${ratesByDay(ratesRelation(task.rates.path), task.rates.maxAgeDays)}`,
  );
  const make: MakeBatch = { session, work, task, engine };
  const made: MadeObjects = { objects: [], files: [] };
  for await (const batch of inBatches(scanned(work, task))) {
    const { objects, files } = await readBatch(make, batch);
    await unchanged(work, batch);
    made.objects.push(...objects);
    made.files.push(...files);
    work.onProgress({
      rows: objects.reduce((sum, { rows }) => sum + rows.read, 0),
      bytes: batch.members.reduce((sum, { bytes }) => sum + bytes, 0),
    });
  }
  return made;
}

async function* scanned(work: Workplace, task: BronzeToSilverTask): AsyncGenerator<Prepared> {
  for (const object of task.objects) {
    work.signal.throwIfAborted();
    yield await prepare(work, task.limits, object);
  }
}

async function readBatch(make: MakeBatch, batch: Batch): Promise<MadeObjects> {
  const [first] = batch.members;
  if (first === undefined || first.kind === 'done')
    return { objects: batch.members.map(({ record }) => record), files: [] };
  if (first.kind === 'json') return readJson(make, first);
  return makeBatch(make, await csvRows(make, batch, first));
}

const batchObject = (member: Prepared & { kind: 'csv' | 'json' }): BatchObject => ({
  key: member.object.key,
  modified: member.object.modified,
  sha256: member.scan.sha256,
  text: member.scan.text,
  rows: member.scan.rows,
});

async function csvRows(
  { session }: MakeBatch,
  batch: Batch,
  first: Prepared & { kind: 'csv' },
): Promise<BatchRows> {
  const members = batch.members.filter((member) => member.kind === 'csv');
  const objects = members.map(batchObject);
  const csv = { delimiter: first.scan.delimiter, columns: first.scan.columns };
  const rows =
    batch.how === 'plain'
      ? await plainRows(session, objects, csv, first.positions)
      : await tokenisedRows(
          session,
          batchObject(first),
          csv,
          first.positions,
          csvSlices(first.scan),
        );
  return {
    rows,
    context: {
      source: first.source,
      ingestionDate: first.object.ingestionDate,
      present: new Set(first.present),
    },
    records: members.map(({ record }) => record),
    read: objects.map((object) => object.rows),
  };
}

/** JSON keys are known only once the rows are, so whether the object fits its source is decided here. */
async function readJson(
  make: MakeBatch,
  member: Prepared & { kind: 'json' },
): Promise<MadeObjects> {
  const { source, scan, record, object } = member;
  const good = await loadJsonRows(make.session, jsonTexts(scan));
  const { keys, paths, twice } = await locateJsonColumns(make.session, source);
  const present = sourceColumns(source).filter((_, index) => paths[index]?.length !== 0);
  const faults = [
    ...missingColumns(source, 'json', (column) => present.includes(column)),
    ...twice.map((column) => `key "${column}" stands there under two spellings`),
  ];
  // Where no row is an object there are no keys to miss: every row is malformed by itself.
  if (good > 0 && faults.length > 0)
    return { objects: [{ ...record, refused: schemaMismatch(source, faults, keys) }], files: [] };
  const used = new Set(paths.flat().map(([name]) => name));
  return makeBatch(make, {
    rows: jsonRows(batchObject(member), source, paths),
    context: { source, ingestionDate: object.ingestionDate, present: new Set(present) },
    records: [{ ...record, drift: keys.filter((name) => !used.has(name)) }],
    read: [scan.rows],
  });
}

/** An object that was overwritten while it was read is read again by the next try. */
async function unchanged(work: Workplace, batch: Batch): Promise<void> {
  for (const { object } of batch.members) {
    const now = await work.store.head(`${BRONZE}${object.key}`);
    if (now?.etag !== object.etag)
      throw new BronzeChanged(`${object.key} changed while it was read.`, {
        hint: 'The run plans again with what is there now.',
      });
  }
}
