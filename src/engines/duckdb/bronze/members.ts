import type { ObjectRecord } from '../../../lake/ledger/records.ts';
import type { RowsContext } from '../../../medallion/rows-context.ts';
import type { Prepared } from './prepare.ts';
import type { BatchObject } from './rows.ts';

export type JsonMember = Prepared & { kind: 'json' };
export type CsvMember = Prepared & { kind: 'csv' };
export const isJson = (member: Prepared): member is JsonMember => member.kind === 'json';
export const isCsv = (member: Prepared): member is CsvMember => member.kind === 'csv';

export const batchObject = (member: JsonMember | CsvMember): BatchObject => ({
  key: member.object.key,
  ingestionDate: member.object.ingestionDate,
  modified: member.object.modified,
  sha256: member.scan.sha256,
  text: member.scan.text,
  rows: member.scan.rows,
});

/** The latest ingestion date of the objects, and whether they have several. */
export function arrivalOf(
  records: readonly ObjectRecord[],
): Pick<RowsContext, 'ingestionDate' | 'eachDay'> {
  const days = new Set(records.map(({ ingestion_date }) => ingestion_date));
  return { ingestionDate: [...days].toSorted().at(-1) ?? '', eachDay: days.size > 1 };
}
