import { coloursFor } from '../terminal/colours.ts';
import type { Io } from '../terminal/io.ts';
import { grouped, money, printable, table } from '../terminal/table.ts';
import type { TableOutcome } from './take-over-table.ts';
import { findingText } from './verify-lake.ts';

/** What a repair found and did. */
export function repairText(io: Io, outcome: TableOutcome): string {
  const colours = coloursFor(io, io.stdout);
  const { changed, findings, differing, customers, seq, indexes } = outcome;
  const aside =
    outcome.set_aside === null
      ? []
      : [
          `${colours.bold('Set aside')}  the damaged database: ${printable(outcome.set_aside)}. Nothing reads it; remove it when you like.`,
        ];
  const built =
    indexes.length === 0
      ? []
      : [`${colours.bold('Indexes')}  built again: ${indexes.join(', ')} did not find all rows`];
  if (changed === null)
    return `Nothing to repair: the serving table holds gold of seq ${seq}, ${grouped(customers)} customers.`;
  return [
    ...aside,
    ...built,
    `${colours.bold('Found')}  ${grouped(differing)} of ${grouped(customers)} customers not as gold has them${outcome.table.seq === seq ? '' : `, and the table at seq ${outcome.table.seq ?? 'none'}`}`,
    ...findings.map((finding) => `  ${findingText({ what: 'serving_table', ...finding })}`),
    changedText(outcome, colours.bold('Repaired')),
  ].join('\n');
}

/** What adopting would change, before it does. */
export function adoptText(io: Io, { table: held, totals, differing, seq }: TableOutcome): string {
  const colours = coloursFor(io, io.stdout);
  const from =
    held.lake === null ? 'of another pipeline' : `of lake ${held.lake}, at seq ${held.seq}`;
  const rows = totals.totals.map(({ customer, found, expected, difference }) => [
    String(customer),
    found === null ? null : money(found),
    expected === null ? null : money(expected),
    money(difference),
  ]);
  const shown = totals.totals.length;
  return [
    `${colours.bold('Serving table')}  ${grouped(held.rows)} rows ${from}; gold of seq ${seq} differs for ${grouped(differing)} customers, in the total for ${grouped(totals.differing)} of them by ${money(totals.sum)} AUD together.`,
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
      ? [`… and ${grouped(totals.differing - shown)} more; --json names all`]
      : []),
  ].join('\n');
}

/** How adopting ended. */
export function adoptedText(io: Io, outcome: TableOutcome): string {
  const colours = coloursFor(io, io.stdout);
  if (outcome.changed !== null) return `\n${changedText(outcome, colours.bold('Adopted'))}`;
  if (outcome.done) return "\nNothing to do: the table is this lake's, and equal to gold.";
  const { lake } = outcome.table;
  return `\nNothing was changed. To take the table over: purchases adopt --yes${lake === null ? '' : `-take-over ${lake}`}`;
}

function changedText({ changed, seq }: TableOutcome, done: string): string {
  const { inserted = 0, updated = 0, deleted = 0 } = changed ?? {};
  return `${done}  the table is at seq ${seq}: ${grouped(inserted)} inserted, ${grouped(updated)} updated, ${grouped(deleted)} deleted`;
}
