import { coloursFor } from '../terminal/colours.ts';
import type { Io } from '../terminal/io.ts';
import { csvLine, write, writeExact } from '../terminal/output.ts';
import { type Quarantine, REFUSED_COLUMNS, type RefusedCells } from './quarantine-lake.ts';
import { grouped, printable, table } from '../terminal/table.ts';

/** Prints the reasons with their remedies, the objects that were rejected whole, then the rows. */
export async function printQuarantineTable(io: Io, quarantine: Quarantine): Promise<void> {
  const colours = coloursFor(io, io.stdout);
  const { rows, reasons, remedies, objects } = quarantine;
  if (rows + objects.length === 0) return write(io, 'No matching rows in quarantine.\n');
  const counts = Object.entries(reasons).map(([reason, count]) => [
    reason,
    count.rows > 0 ? grouped(count.rows) : '',
    count.objects > 0 ? grouped(count.objects) : '',
    remedies[reason] ?? '',
  ]);
  await write(
    io,
    `${table(['reason', 'rows', 'objects', 'what to do'], counts, ['left', 'right', 'right'])}\n${colours.dim('After you fix rules, rates or files, the next run reads only the affected objects again.')}\n`,
  );
  if (objects.length > 0) {
    const lines = objects.map(
      ({ object_key, reason, message }) =>
        `${colours.yellow(printable(object_key))}: ${reason}. ${printable(message)}\n`,
    );
    await write(io, `\n${colours.bold('Objects rejected whole')}\n${lines.join('')}`);
  }
  const shown: (string | null)[][] = [];
  for await (const { object_key, row_number, reasons: why, raw } of quarantine.refused())
    shown.push([object_key, row_number, why, raw]);
  if (shown.length > 0)
    await write(
      io,
      `\n${colours.bold('Rows as they were read')}\n${table(['object', 'row', 'reasons', 'raw'], shown, ['left', 'right'])}\n`,
    );
  if (rows > shown.length)
    await write(
      io,
      `… and ${grouped(rows - shown.length)} more; --limit N shows more of them, --format csv all\n`,
    );
  await write(
    io,
    `\n${colours.bold('Next')}  purchases plan --rows    after you fix rules, rates or files\n`,
  );
}

/**
 * Prints a header and the rows. Cells that a spreadsheet would run as formulas are escaped unless
 * `exact`.
 */
export async function printQuarantineCsv(
  io: Io,
  quarantine: Quarantine,
  exact: boolean,
): Promise<void> {
  await writeExact(io, csvLine(REFUSED_COLUMNS, exact));
  for await (const row of quarantine.refused()) {
    const cells = REFUSED_COLUMNS.map((column) => row[column]);
    await writeExact(io, csvLine(cells, exact));
  }
}

/**
 * Prints one document: { rows, reasons, objects, refused }. `rows` counts all matching rows;
 * `refused` may end at a limit.
 */
export async function printQuarantineJson(io: Io, quarantine: Quarantine): Promise<void> {
  const { rows, remedies, objects } = quarantine;
  const reasons = Object.fromEntries(
    Object.entries(quarantine.reasons).map(([reason, count]) => [
      reason,
      { ...count, remedy: remedies[reason] ?? '' },
    ]),
  );
  await write(io, JSON.stringify({ rows, reasons, objects }).replace(/\}$/, ',"refused":['));
  let separator = '\n';
  for await (const row of quarantine.refused()) {
    await write(io, `${separator}${JSON.stringify(jsonOf(row))}`);
    separator = ',\n';
  }
  await write(io, ']}\n');
}

const numberOf = (text: string | null): number | null => (text === null ? null : Number(text));

const jsonOf = (row: RefusedCells): object => ({
  ...row,
  row_number: numberOf(row.row_number),
  reasons: (row.reasons ?? '').split(','),
  customer_id: numberOf(row.customer_id),
});
