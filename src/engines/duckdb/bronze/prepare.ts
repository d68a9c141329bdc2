import type { Scan } from '../../../lake/bronze/scan.ts';
import { scanObject } from '../../../lake/bronze/scan.ts';
import { BRONZE } from '../../../lake/layout.ts';
import type { BronzeToSilverInput, ObjectToRead, Workspace } from '../../../lake/ports/engine.ts';
import type { ObjectRecord } from '../../../lake/ledger/records.ts';
import {
  locateColumns,
  missingColumns,
  noSourceFault,
  schemaFault,
  sourceColumns,
} from '../../../medallion/columns.ts';
import { columnsFound, driftOf, knownColumns } from '../../../medallion/known-columns.ts';
import type { Source } from '../../../medallion/source.ts';

type CsvScan = Extract<Scan, { kind: 'csv' }>;
type JsonScan = Extract<Scan, { kind: 'json' }>;

/** A scanned bronze object: its record so far and, if its rows can be read, how to read them. */
export type Prepared = { object: ObjectToRead; record: ObjectRecord; bytes: number } & (
  | { kind: 'done' }
  | {
      kind: 'csv';
      source: Source;
      scan: CsvScan;
      positions: (number | undefined)[];
      present: string[];
    }
  | {
      kind: 'json';
      source: Source;
      scan: JsonScan;
      /** The record to use if the keys do not match the source. */
      unreadable: ObjectRecord;
    }
);

/**
 * Scans an object's bytes once and decides whether its rows can be read. Otherwise the whole object
 * is quarantined with a message that names the fix.
 */
export async function prepare(
  workspace: Workspace,
  limits: BronzeToSilverInput['limits'],
  object: ObjectToRead,
): Promise<Prepared> {
  const record = newRecord(object);
  const { source } = object;
  if (source === null) {
    const message = noSourceFault(object.key);
    return {
      kind: 'done',
      object,
      bytes: 0,
      record: { ...record, refused: { reason: 'no_source', message } },
    };
  }
  const path = await workspace.store.local(`${BRONZE}${object.key}`, workspace.scratch);
  const scan = await scanObject({
    path,
    key: object.key,
    format: source.format,
    maxInflation: limits.maxInflation,
    scratch: workspace.scratch,
    size: object.size,
  });
  const unreadable = { ...record, sha256: scan.sha256 ?? null };
  const scanned = withErased(unreadable, object);
  const bytes = object.size;
  switch (scan.kind) {
    case 'unreadable':
      return {
        kind: 'done',
        object,
        bytes,
        record: { ...unreadable, refused: { reason: scan.reason, message: scan.message } },
      };
    case 'empty':
      return { kind: 'done', object, bytes, record: scanned };
    case 'json':
      return { kind: 'json', object, bytes, source, scan, unreadable, record: scanned };
    case 'csv':
      return prepareCsv(object, source, scan, { unreadable, scanned });
  }
}

function prepareCsv(
  object: ObjectToRead,
  source: Source,
  scan: CsvScan,
  { unreadable, scanned }: { unreadable: ObjectRecord; scanned: ObjectRecord },
): Prepared {
  const columns = sourceColumns(source);
  const { index, twice: duplicates } = locateColumns(columns, scan.header);
  const missing = missingColumns(source, 'csv', (column) => index.has(column));
  const faults = [...missing, ...duplicates.map((column) => `duplicate column "${column}"`)];
  const bytes = object.size;
  if (faults.length > 0)
    return {
      kind: 'done',
      object,
      bytes,
      record: { ...unreadable, refused: schemaMismatch(source, faults, scan.header) },
    };
  return {
    kind: 'csv',
    object,
    bytes,
    source,
    scan,
    positions: columns.map((column) => index.get(column)),
    present: [...index.keys()],
    record: { ...scanned, drift: csvDrift(scan.header, new Set(index.values())) },
  };
}

function csvDrift(header: readonly string[], used: ReadonlySet<number>): string[] {
  const positions = [...header.keys()].filter((position) => !used.has(position));
  return driftOf(
    positions.map((position) => header[position] ?? ''),
    positions,
  );
}

/** Reason and message for an object that does not match its source's mapping. */
export function schemaMismatch(
  source: Source,
  faults: readonly string[],
  found: readonly string[],
): NonNullable<ObjectRecord['refused']> {
  const columns = columnsFound(found, new Set(knownColumns(sourceColumns(source))));
  return { reason: 'schema_mismatch', message: schemaFault(source, faults, columns) };
}

/** Adds the rows that erasures removed from exactly this content to a readable object's record. */
export function withErased(record: ObjectRecord, { erased = [] }: ObjectToRead): ObjectRecord {
  const erasure = erased.find(({ sha256 }) => sha256 === record.sha256);
  if (erasure === undefined || erasure.rows === 0) return record;
  return {
    ...record,
    rows: { ...record.rows, read: erasure.rows, erased: erasure.rows },
    ...(erasure.rejected === 0 ? {} : { erased_rejected: erasure.rejected }),
  };
}

function newRecord(object: ObjectToRead): ObjectRecord {
  return {
    key: object.key,
    size: object.size,
    etag: object.etag,
    modified: object.modified,
    sha256: null,
    ingestion_date: object.ingestionDate,
    source: object.source?.name ?? null,
    rules: object.rules,
    rows: { read: 0, accepted: 0, duplicate: 0, superseded: 0, deleted: 0, quarantined: 0 },
    reasons: {},
    repairs: {},
    drift: [],
    silver: null,
    quarantine: null,
  };
}
