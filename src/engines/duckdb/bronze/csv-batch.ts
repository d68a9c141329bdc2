import { csvSlices } from '../../../lake/bronze/csv-slices.ts';
import { sourceColumns } from '../../../medallion/columns.ts';
import { type FastPath, fastPathOf, isFastPathLine } from '../../../medallion/fast-path.ts';
import type { Batch } from './batches.ts';
import { arrivalOf, batchObject, type CsvMember, isCsv } from './members.ts';
import { plainRows } from './plain-lines.ts';
import { tokenisedRows } from './quoted-csv.ts';
import { type BatchContext, type BatchRows, wholeRows } from './rows.ts';
import { knownCurrencies } from '../silver/rates.ts';

/** Reads CSV objects that share one header: plain lines, or text with quotes. */
export async function csvRows(
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
