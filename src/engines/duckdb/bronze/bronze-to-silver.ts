import { csvSlices } from '../../../lake/bronze/csv-slices.ts';
import { jsonRows as jsonTexts } from '../../../lake/bronze/json-rows.ts';
import { BronzeChanged } from '../../../errors.ts';
import { BRONZE } from '../../../lake/layout.ts';
import type { BronzeToSilverInput, BronzeResult, Workspace } from '../../../lake/ports/engine.ts';
import type { ObjectRecord } from '../../../lake/ledger/records.ts';
import type { RowsContext } from '../../../medallion/bronze-to-silver.ts';
import { hasColumnsOf, missingColumns, sourceColumns } from '../../../medallion/columns.ts';
import { type FastPath, fastPathOf, isFastPathLine } from '../../../medallion/fast-path.ts';
import { driftOf, heads } from '../../../medallion/known-columns.ts';
import { normaliseName } from '../../../medallion/fields/column-names.ts';
import type { Source } from '../../../medallion/source.ts';
import { type Batch, inBatches } from './batches.ts';
import { PLAIN_LINES_SETTINGS } from './csv-sql.ts';
import { type Workers, overWorkers } from '../workers.ts';
import { type BatchRows, type BatchContext, writeBatch } from './write-batch.ts';
import { prepare, type Prepared, schemaMismatch } from './prepare.ts';
import { type JsonFacts, jsonRows, loadJsonRows, locateJsonColumns } from './json-rows.ts';
import { knownCurrencies, recentRates, recentRatesOnce } from './rates.ts';
import { type BatchObject, plainRows, tokenisedRows, wholeRows } from './rows.ts';
import type { Session } from '../session.ts';

/**
 * Reads every object of the task in batches, one for each worker at a time, and calls `use` with
 * each batch. Error: `BronzeChanged`.
 */
export async function bronzeToSilver(
  workers: Workers,
  { name, use = writeBatch }: { name: string; use?: BatchContext['use'] },
  workspace: Workspace,
  task: BronzeToSilverInput,
  streamFrom?: number,
): Promise<BronzeResult> {
  const [oldest] = task.objects.map(({ ingestionDate }) => ingestionDate).toSorted();
  if (oldest === undefined) return { objects: [], files: [] };
  const rates =
    workers.sessions.length === 1
      ? (session: Session) => recentRates(session, task.rates, oldest)
      : recentRatesOnce(task.rates, oldest, workspace.scratch);
  const written = await overWorkers(
    workers,
    inBatches(preparedObjects(workspace, task)),
    async (session, batch) => {
      const step = { session, workspace, task, engine: name, streamFrom, use };
      const result = await withMoreMemory(session, () => readBatch(step, batch));
      await mustBeUnchanged(workspace, batch);
      workspace.onProgress({
        rows: result.objects.reduce((sum, { rows }) => sum + rows.read, 0),
        bytes: batch.members.reduce((sum, { bytes }) => sum + bytes, 0),
      });
      return result;
    },
    (session) => prepareSession(session, rates),
  );
  return {
    objects: written.flatMap(({ objects }) => objects),
    files: written.flatMap(({ files }) => files),
  };
}

/**
 * Repeats a read that ran out of memory with a higher limit: a row of tens of megabytes needs many
 * times its size at once and cannot spill.
 */
async function withMoreMemory<Result>(
  session: Session,
  read: () => Promise<Result>,
): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('Out of Memory Error'))) throw error;
  }
  const [before] = await session.rows(`select current_setting('memory_limit') as most`);
  await session.run(`set memory_limit = '${MOST_MEMORY}'`);
  const result = await read();
  await session.run(`set memory_limit = '${before?.['most']}'`);
  return result;
}

const MOST_MEMORY = '4GB';

async function prepareSession(
  session: Session,
  rates: (session: Session) => Promise<void>,
): Promise<void> {
  for (const setting of PLAIN_LINES_SETTINGS) await session.run(setting);
  // DuckDB estimates one row for a file of a million lines and would hash that side: the right side
  // of each join is the small table.
  await session.run(`set disabled_optimizers = 'join_order,build_side_probe_side'`);
  await rates(session);
}

async function* preparedObjects(
  workspace: Workspace,
  task: BronzeToSilverInput,
): AsyncGenerator<Prepared> {
  for (const object of task.objects) {
    workspace.signal.throwIfAborted();
    yield await prepare(workspace, task.limits, object);
  }
}

async function readBatch(step: BatchContext, batch: Batch): Promise<BronzeResult> {
  const [first] = batch.members;
  if (first === undefined || first.kind === 'done')
    return { objects: batch.members.map(({ record }) => record), files: [] };
  if (first.kind === 'json') return readJson(step, first.source, batch.members.filter(isJson));
  return step.use(step, await csvRows(step, batch, first));
}

type JsonMember = Prepared & { kind: 'json' };
type CsvMember = Prepared & { kind: 'csv' };
const isJson = (member: Prepared): member is JsonMember => member.kind === 'json';
const isCsv = (member: Prepared): member is CsvMember => member.kind === 'csv';

const batchObject = (member: JsonMember | CsvMember): BatchObject => ({
  key: member.object.key,
  ingestionDate: member.object.ingestionDate,
  modified: member.object.modified,
  sha256: member.scan.sha256,
  text: member.scan.text,
  rows: member.scan.rows,
});

async function csvRows(
  { session }: BatchContext,
  batch: Batch,
  first: CsvMember,
): Promise<BatchRows> {
  const members = batch.members.filter(isCsv);
  const csv = { delimiter: first.scan.delimiter, columns: first.scan.columns };
  const fastPath =
    batch.reader === 'plain' ? fastPathFor(first, csv, await knownCurrencies(session)) : undefined;
  const rows =
    batch.reader === 'plain'
      ? await plainRows(
          session,
          members.map((member) => ({ ...batchObject(member), bytes: member.scan.bytes })),
          csv,
          first.positions,
          fastPath === undefined ? 'false' : isFastPathLine(fastPath),
        )
      : wholeRows(
          await tokenisedRows(
            session,
            members.map((member) => ({ ...batchObject(member), slices: csvSlices(member.scan) })),
            csv,
            first.positions,
          ),
        );
  return {
    rows,
    context: {
      source: first.source,
      ...arrivalOf(members.map(({ record }) => record)),
      present: new Set(first.present),
    },
    records: members.map(({ record }) => record),
    read: members.map(({ scan }) => scan.rows),
    fastPath,
  };
}

/** The latest ingestion date of the objects, and whether they have several. */
function arrivalOf(
  records: readonly ObjectRecord[],
): Pick<RowsContext, 'ingestionDate' | 'eachDay'> {
  const days = new Set(records.map(({ ingestion_date }) => ingestion_date));
  return { ingestionDate: [...days].toSorted().at(-1) ?? '', eachDay: days.size > 1 };
}

function fastPathFor(
  { source, positions }: CsvMember,
  csv: { delimiter: string; columns: number },
  currencies: readonly string[],
): FastPath | undefined {
  const positionsByColumn = sourceColumns(source).flatMap((column, index) => {
    const position = positions[index];
    return position === undefined ? [] : [[column, position] as const];
  });
  return fastPathOf(source, { ...csv, positions: new Map(positionsByColumn) }, currencies);
}

/**
 * Reads JSON objects. Their keys are known only after the rows are loaded, so this decides whether
 * an object matches its source.
 */
async function readJson(
  step: BatchContext,
  source: Source,
  members: readonly JsonMember[],
): Promise<BronzeResult> {
  const { rows: loaded, wellFormed } = await loadJsonRows(
    step.session,
    members.map(({ scan }) => jsonTexts(scan)),
  );
  const { paths, objects } = await locateJsonColumns(step.session, loaded, source, members.length);
  const read = members.map((member, index) =>
    checkColumns(member, source, wellFormed[index] ?? 0, objects[index]),
  );
  const written: BronzeResult = { objects: read.map(({ record }) => record), files: [] };
  // Objects without the currency column use the source's currency in every row, so they are read
  // separately.
  for (const hasCurrency of [true, false]) {
    const chosen = read.filter((one) => one.fits && one.hasCurrency === hasCurrency);
    if (chosen.length === 0) continue;
    const batch = await step.use(step, {
      rows: wholeRows(
        await jsonRows(
          step.session,
          loaded,
          read.map((one) => (chosen.includes(one) ? batchObject(one.member) : undefined)),
          source,
          paths,
        ),
      ),
      context: {
        source,
        ...arrivalOf(chosen.map(({ record }) => record)),
        present: new Set(chosen.flatMap(({ present }) => present)),
      },
      records: chosen.map(({ record }) => record),
      read: chosen.map(({ member }) => member.scan.rows),
    });
    written.objects = written.objects.map(
      (record) => batch.objects.find(({ key }) => key === record.key) ?? record,
    );
    written.files.push(...batch.files);
  }
  return written;
}

/** Checks a loaded JSON object's keys: returns its record and whether its rows can be read. */
function checkColumns(
  member: JsonMember,
  source: Source,
  wellFormed: number,
  { keys, present, duplicates }: JsonFacts = { keys: [], present: [], duplicates: [] },
) {
  const has = (column: string): boolean => present.includes(column);
  const faults = [
    ...missingColumns(source, 'json', has),
    ...duplicates.map((column) => `duplicate key "${column}" (two spellings)`),
  ];
  const { currency } = source.fields;
  const hasCurrency = currency !== undefined && hasColumnsOf(currency, has);
  // Without a JSON object among the rows no key can be missing: every row is malformed by itself.
  const fits = wellFormed === 0 || faults.length === 0;
  const known = new Set(sourceColumns(source).map(normaliseName).flatMap(heads));
  const drift = driftOf(keys.filter((key) => !known.has(normaliseName(key))));
  const record = fits
    ? { ...member.record, drift }
    : { ...member.unreadable, refused: schemaMismatch(source, faults, keys) };
  return { member, record, fits, hasCurrency, present };
}

/** Checks that no object was overwritten while it was read. Error: `BronzeChanged`. */
async function mustBeUnchanged(workspace: Workspace, batch: Batch): Promise<void> {
  for (const { object } of batch.members) {
    const now = await workspace.store.head(`${BRONZE}${object.key}`);
    if (now?.etag !== object.etag)
      throw new BronzeChanged(`${object.key} changed while it was read.`, {
        hint: 'The run plans again with the current objects.',
      });
  }
}
