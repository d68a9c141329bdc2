import { csvSlices } from '../../lake/bronze/csv-slices.ts';
import { jsonRows as jsonTexts } from '../../lake/bronze/json-rows.ts';
import { BronzeChanged } from '../../errors.ts';
import { BRONZE } from '../../lake/layout.ts';
import type { BronzeToSilverTask, MadeObjects, Workplace } from '../../lake/ports/engine.ts';
import { hasColumnsOf, missingColumns, sourceColumns } from '../../medallion/columns.ts';
import { normaliseName } from '../../medallion/names.ts';
import type { Source } from '../../medallion/source.ts';
import { ratesByDay } from '../../medallion/rates-by-day.ts';
import { type Batch, inBatches } from './batches.ts';
import { PLAIN_LINES_SETTINGS } from './csv-sql.ts';
import { type BatchRows, type MakeBatch, makeBatch, ratesRelation } from './make-batch.ts';
import { prepare, type Prepared, schemaMismatch } from './prepare.ts';
import { type JsonFacts, jsonRows, loadJsonRows, locateJsonColumns } from './json-rows.ts';
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
  if (first.kind === 'json') return readJson(make, first.source, batch.members.filter(isJson));
  return makeBatch(make, await csvRows(make, batch, first));
}

type JsonMember = Prepared & { kind: 'json' };
type CsvMember = Prepared & { kind: 'csv' };
const isJson = (member: Prepared): member is JsonMember => member.kind === 'json';
const isCsv = (member: Prepared): member is CsvMember => member.kind === 'csv';

const batchObject = (member: JsonMember | CsvMember): BatchObject => ({
  key: member.object.key,
  modified: member.object.modified,
  sha256: member.scan.sha256,
  text: member.scan.text,
  rows: member.scan.rows,
});

async function csvRows({ session }: MakeBatch, batch: Batch, first: CsvMember): Promise<BatchRows> {
  const members = batch.members.filter(isCsv);
  const csv = { delimiter: first.scan.delimiter, columns: first.scan.columns };
  const rows =
    batch.how === 'plain'
      ? await plainRows(session, members.map(batchObject), csv, first.positions)
      : await tokenisedRows(
          session,
          members.map((member) => ({ ...batchObject(member), slices: csvSlices(member.scan) })),
          csv,
          first.positions,
        );
  return {
    rows,
    context: {
      source: first.source,
      ingestionDate: first.object.ingestionDate,
      present: new Set(first.present),
    },
    records: members.map(({ record }) => record),
    read: members.map(({ scan }) => scan.rows),
  };
}

/** JSON keys are known only once the rows are, so whether an object fits its source is decided here. */
async function readJson(
  make: MakeBatch,
  source: Source,
  members: readonly JsonMember[],
): Promise<MadeObjects> {
  const good = await loadJsonRows(
    make.session,
    members.map(({ scan }) => jsonTexts(scan)),
  );
  const { paths, objects } = await locateJsonColumns(make.session, source, members.length);
  const read = members.map((member, index) =>
    fitted(member, source, good[index] ?? 0, objects[index]),
  );
  const made: MadeObjects = { objects: read.map(({ record }) => record), files: [] };
  // An object without the currency has the source's own one in every row, so it is read apart from those that have it.
  for (const hasCurrency of [true, false]) {
    const chosen = read.filter((one) => one.fits && one.hasCurrency === hasCurrency);
    if (chosen.length === 0) continue;
    const [first] = chosen;
    const batch = await makeBatch(make, {
      rows: await jsonRows(
        make.session,
        read.map((one) => (chosen.includes(one) ? batchObject(one.member) : undefined)),
        source,
        paths,
      ),
      context: {
        source,
        ingestionDate: first?.record.ingestion_date ?? '',
        present: new Set(chosen.flatMap(({ present }) => present)),
      },
      records: chosen.map(({ record }) => record),
      read: chosen.map(({ member }) => member.scan.rows),
    });
    made.objects = made.objects.map(
      (record) => batch.objects.find(({ key }) => key === record.key) ?? record,
    );
    made.files.push(...batch.files);
  }
  return made;
}

/** What is known of a JSON object once its keys are: its record, and whether its rows are to be read. */
function fitted(
  member: JsonMember,
  source: Source,
  good: number,
  { keys, present, twice }: JsonFacts = { keys: [], present: [], twice: [] },
) {
  const has = (column: string): boolean => present.includes(column);
  const faults = [
    ...missingColumns(source, 'json', has),
    ...twice.map((column) => `key "${column}" stands there under two spellings`),
  ];
  const { currency } = source.fields;
  const hasCurrency = currency !== undefined && hasColumnsOf(currency, has);
  // Where no row is an object there are no keys to miss: every row is malformed by itself.
  const fits = good === 0 || faults.length === 0;
  const read = new Set(sourceColumns(source).map(normaliseName).flatMap(heads));
  const drift = keys.filter((key) => !read.has(normaliseName(key)));
  const record = fits
    ? { ...member.record, drift }
    : { ...member.record, refused: schemaMismatch(source, faults, keys) };
  return { member, record, fits, hasCurrency, present };
}

/** The keys at the top under which a column may stand: its whole name, and what is before each of its points. */
const heads = (column: string): string[] =>
  [...column.matchAll(/\.|$/g)].map(({ index }) => column.slice(0, index));

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
