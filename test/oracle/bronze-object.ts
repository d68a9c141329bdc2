import { ingestionDate } from './dates.ts';
import { kindOf, readTable, type GoodRow, type Row, type Table } from './table.ts';
import { sourceOf } from './mapping.ts';
import { cleanPurchase, purchaseIdOf, type Purchase, type Surroundings } from './purchase.ts';
import type { ObjectReport, OracleInput, OracleObject, Reason, RowCounts } from './types.ts';

/** A version before it is decided which versions win. */
export type Candidate = {
  purchase: Purchase;
  source: string;
  key: string;
  modified: number;
  ingestion_date: string;
  row_number: number;
  lines: number;
};

export type Refusal = { key: string; row_number: number; reasons: Reason[] };
export type ReadObject = { report: ObjectReport; candidates: Candidate[]; refusals: Refusal[] };

function noRows(): RowCounts {
  return { read: 0, accepted: 0, duplicate: 0, superseded: 0, deleted: 0, quarantined: 0 };
}

function withoutRows(report: Pick<ObjectReport, 'status' | 'reason'>): ReadObject {
  return {
    report: { ...report, rows: noRows(), reasons: {}, repairs: {} },
    candidates: [],
    refusals: [],
  };
}

function count(into: Record<string, number>, name: string): void {
  into[name] = (into[name] ?? 0) + 1;
}

/** The good rows of a table, those of one purchase together, in the order of their first rows. */
function purchasesOf(rows: Row[], { source, digest }: Surroundings): GoodRow[][] {
  const alone: GoodRow[][] = [];
  const shared = new Map<string, GoodRow[]>();
  for (const row of rows) {
    if ('malformed' in row) continue;
    const id = source.rows === 'lines' ? purchaseIdOf(row, source, digest) : null;
    if (id === null) alone.push([row]);
    else shared.set(id, [...(shared.get(id) ?? []), row]);
  }
  return [...alone, ...shared.values()];
}

type Sorted = { candidates: Candidate[]; refusals: Refusal[] };

function sortOut(table: Table, object: OracleObject, around: Surroundings): Sorted {
  const { key, modified } = object;
  const candidates: Candidate[] = [];
  const refusals: Refusal[] = table.rows
    .filter((row) => 'malformed' in row)
    .map((row) => ({ key, row_number: row.number, reasons: ['row_malformed'] }));
  for (const rows of purchasesOf(table.rows, around)) {
    const cleaned = cleanPurchase(rows, around);
    const numbers = rows.map((row) => row.number);
    if ('reasons' in cleaned) {
      refusals.push(
        ...numbers.map((row_number) => ({ key, row_number, reasons: cleaned.reasons })),
      );
      continue;
    }
    candidates.push({
      purchase: cleaned.purchase,
      source: around.source.name,
      key,
      modified,
      ingestion_date: around.ingestion.toString(),
      row_number: Math.min(...numbers),
      lines: rows.length,
    });
  }
  return { candidates, refusals };
}

/**
 * Every row of an object in which too large a share is rejected: the rejected rows keep their
 * reasons.
 */
function refuseAll(table: Table, key: string, refusals: Refusal[]): Refusal[] {
  return table.rows.map((row) => {
    const own = refusals.find((refusal) => refusal.row_number === row.number)?.reasons ?? [];
    return { key, row_number: row.number, reasons: [...own, 'too_many_refused'] };
  });
}

/** Reads one bronze object: its versions, its rejected rows, and its report. */
export function readObject(object: OracleObject, input: OracleInput): ReadObject {
  if (kindOf(object.key, undefined) === null) return withoutRows({ status: 'ignored' });
  const source = sourceOf(object.key, input.sources);
  if (source === null) return withoutRows({ status: 'quarantined', reason: 'no_source' });
  const table = readTable(object, source, input.maxInflation);
  if (typeof table === 'string') return withoutRows({ status: 'quarantined', reason: table });

  const ingestion = ingestionDate(object.key, object.modified, input.timeZone);
  const { digest, lacksCurrency } = table;
  const { timeZone, rates, maxAgeDays } = input;
  const around = { source, timeZone, rates, maxAgeDays, digest, lacksCurrency, ingestion };
  const sorted = sortOut(table, object, around);
  const isTooBad = sorted.refusals.length > input.maxQuarantinedShare * table.rows.length;
  const refusals = isTooBad ? refuseAll(table, object.key, sorted.refusals) : sorted.refusals;
  const candidates = isTooBad ? [] : sorted.candidates;

  const report: ObjectReport = {
    status: isTooBad ? 'quarantined' : 'read',
    ...(isTooBad ? { reason: 'too_many_refused' as const } : {}),
    rows: { ...noRows(), read: table.rows.length, quarantined: refusals.length },
    reasons: {},
    repairs: {},
  };
  for (const reason of refusals.flatMap((refusal) => refusal.reasons))
    count(report.reasons, reason);
  for (const repair of candidates.flatMap((one) => one.purchase.repairs))
    count(report.repairs, repair);
  return { report, candidates, refusals };
}
