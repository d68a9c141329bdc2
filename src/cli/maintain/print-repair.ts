import { coloursFor } from '../terminal/colours.ts';
import type { Io } from '../terminal/io.ts';
import { counted, grouped, money, printable, table } from '../terminal/table.ts';
import type { TableOutcome } from './take-over-table.ts';
import { findingText } from './verify-lake.ts';

/** Formats what a repair found and did. */
export function repairText(io: Io, outcome: TableOutcome): string {
  const colours = coloursFor(io, io.stdout);
  const { changed, findings, differing, customers, seq, indexes } = outcome;
  const aside =
    outcome.set_aside === null
      ? []
      : [
          `${colours.bold('Set aside')}  the damaged database is now ${printable(outcome.set_aside)}. Nothing reads it; you may remove it.`,
        ];
  const rebuilt =
    indexes.length === 0
      ? []
      : [
          `${colours.bold('Indexes')}  rebuilt, since they did not find all rows: ${indexes.join(', ')}`,
        ];
  if (changed === null)
    return `Nothing to repair: the serving table equals gold at seq ${seq}, ${counted(customers, 'customer')}.`;
  return [
    ...aside,
    ...rebuilt,
    `${colours.bold('Found')}  ${grouped(differing)} of ${counted(customers, 'customer')} differ from gold${outcome.table.seq === seq ? '' : `, and the table is at ${outcome.table.seq === null ? 'no seq' : `seq ${outcome.table.seq}`}`}`,
    ...findings.map((finding) => `  ${findingText({ what: 'serving_table', ...finding })}`),
    changedText(outcome, colours.bold('Repaired')),
  ].join('\n');
}

/** Formats what `adopt` would change, before it does. */
export function adoptText(io: Io, { table: held, totals, differing, seq }: TableOutcome): string {
  const colours = coloursFor(io, io.stdout);
  const from =
    held.lake === null ? 'from another pipeline' : `of lake ${held.lake}, at seq ${held.seq}`;
  const rows = totals.totals.map(({ customer, found, expected, difference }) => [
    String(customer),
    found === null ? null : money(found),
    expected === null ? null : money(expected),
    money(difference),
  ]);
  const shown = totals.totals.length;
  return [
    `${colours.bold('Serving table')}  ${counted(held.rows, 'row')} ${from}. Gold at seq ${seq} differs for ${counted(differing, 'customer')}; for ${grouped(totals.differing)} of them the total differs, by ${money(totals.sum)} AUD in all.`,
    ...(shown === 0
      ? []
      : [
          '',
          table(['customer', 'table', 'gold', 'difference'], rows, [
            'right',
            'right',
            'right',
            'right',
          ]),
        ]),
    ...(totals.differing > shown
      ? [`… and ${grouped(totals.differing - shown)} more; --json lists all`]
      : []),
  ].join('\n');
}

/** Formats the result of `adopt`. */
export function adoptedText(io: Io, outcome: TableOutcome): string {
  const colours = coloursFor(io, io.stdout);
  if (outcome.changed !== null) return `\n${changedText(outcome, colours.bold('Adopted'))}`;
  if (outcome.done) return '\nNothing to do: the table belongs to this lake and equals gold.';
  const { lake } = outcome.table;
  return `\nNothing was changed. To take the table over: purchases adopt --yes${lake === null ? '' : `-take-over ${lake}`}`;
}

function changedText({ changed, seq }: TableOutcome, done: string): string {
  const { inserted = 0, updated = 0, deleted = 0 } = changed ?? {};
  return `${done}  the table is at seq ${seq}: ${grouped(inserted)} inserted, ${grouped(updated)} updated, ${grouped(deleted)} deleted`;
}
