import { coloursFor } from '../terminal/colours.ts';
import type { Io } from '../terminal/io.ts';
import { csvLine, write, writeExact } from '../terminal/output.ts';
import { type Quarantine, REFUSED_COLUMNS, type RefusedCells } from './quarantine-lake.ts';
import { grouped, printable, table } from '../terminal/table.ts';

/**
 * The summary with what to do about each reason, the objects that were refused whole, then the
 * rows.
 */
export async function printQuarantineTable(io: Io, quarantine: Quarantine): Promise<void> {
  const colours = coloursFor(io, io.stdout);
  const { rows, reasons, remedies, objects } = quarantine;
  if (rows + objects.length === 0) return write(io, 'Nothing that fits is in quarantine.\n');
  const counts = Object.entries(reasons).map(([reason, count]) => [
    reason,
    count.rows > 0 ? grouped(count.rows) : '',
    count.objects > 0 ? grouped(count.objects) : '',
    remedies[reason] ?? '',
  ]);
  await write(
    io,
    `${table(['refused because', 'rows', 'objects', 'what to do'], counts, ['left', 'right', 'right'])}\n${colours.dim('Once rules, rates or files are mended, the next run reads just the objects concerned again.')}\n`,
  );
  if (objects.length > 0) {
    const lines = objects.map(
      ({ object_key, reason, message }) =>
        `${colours.yellow(printable(object_key))}: ${reason}. ${printable(message)}\n`,
    );
    await write(io, `\n${colours.bold('Objects refused whole')}\n${lines.join('')}`);
  }
  const shown: (string | null)[][] = [];
  for await (const { object_key, row_number, reasons: why, raw } of quarantine.refused())
    shown.push([object_key, row_number, why, raw]);
  if (shown.length > 0)
    await write(
      io,
      `\n${colours.bold('Rows as they were read')}\n${table(['object', 'row', 'because', 'raw'], shown, ['left', 'right'])}\n`,
    );
  if (rows > shown.length)
    await write(
      io,
      `… and ${grouped(rows - shown.length)} more: --limit N shows more of them, --format csv all\n`,
    );
  await write(
    io,
    `\n${colours.bold('Next')}  purchases plan --rows    after rules, rates or files were mended\n`,
  );
}

/**
 * One header and the rows. Cells that a spreadsheet would take for formulas are disarmed unless
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
 * One document: { rows, reasons, objects, refused }; `rows` counts all that fit, `refused` may stop
 * at a limit.
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
