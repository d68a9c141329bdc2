import { UNSURE, type UnsureRow } from '../../lake/erase/decide.ts';
import type { Certificate, ErasePlan, LeftRows } from '../../lake/erase/erase.ts';
import type { Rewrite } from '../../lake/rewrite/rewrite.ts';
import { coloursFor } from '../terminal/colours.ts';
import type { Io } from '../terminal/io.ts';
import { counted, printable } from '../terminal/table.ts';

/** Formats the plan of an erasure for people. */
export function planText(io: Io, plan: ErasePlan): string {
  const { objects, unsure, not_searched, commits } = plan;
  const { bold } = coloursFor(io, io.stdout);
  const head =
    objects.length === 0
      ? 'No bronze object contains the customer.'
      : `${bold('Would rewrite')}  ${counted(objects.length, 'bronze object')} and every file derived from them.`;
  return [
    head,
    ...objects.map(objectText),
    ...unsureText(unsure),
    ...notSearchedText(not_searched),
    ...commitsText(commits),
  ].join('\n');
}

/** Formats the certificate of an erasure for people. */
export function certificateText(io: Io, certificate: Certificate | undefined): string {
  if (certificate === undefined)
    return 'Nothing to erase: the customer was already erased, and no rows have come back. To list rows that may concern the customer: --dry-run.';
  const { objects, removed, rewritten, table, remains, left, not_searched, commits, seq } =
    certificate;
  const { green } = coloursFor(io, io.stdout);
  return [
    `${green('Erased')}  at seq ${seq}: ${counted(objects.length, 'bronze object')} and ${counted(rewritten, 'older file')} rewritten, ${counted(removed.length, 'file')} removed, ${counted(table.deleted, 'row')} deleted from ${table.warehouse}.`,
    ...objects.map(objectText),
    ...remainsText(table.warehouse, remains),
    ...leftText(left),
    ...notSearchedText(not_searched),
    ...commitsText(commits),
    'The certificate is in _ledger/certificates/ and does not name the customer. Erase the customer from backups and copies of the lake yourself.',
  ].join('\n');
}

const objectText = ({ object, rows, lines }: Rewrite): string =>
  `  ${printable(object)}: ${counted(rows, 'row')}${lines === 0 ? '' : `, and the customer’s values in ${counted(lines, 'line')} of other customers’ purchases`}`;

/** Lists rows that may concern the customer, each with its reason and its text as read. */
export const unsureText = (unsure: readonly UnsureRow[]): string[] =>
  unsure.length === 0
    ? []
    : [
        'These rows may concern the customer, but no rule can decide it. They stay unless you add --also FILE:ROW for each:',
        ...unsure.flatMap(({ object, row, why, raw }) => [
          `  ${printable(object)}:${row}  ${UNSURE[why]}`,
          `    ${printable(raw)}`,
        ]),
      ];

const remainsText = (warehouse: string, remains: Certificate['remains']): string[] =>
  remains.length === 0
    ? []
    : [
        `${warehouse} still contains:`,
        ...remains.map(
          ({ what, until, remedy }) =>
            `  ${printable(what)}: until ${printable(until)}${remedy === undefined ? '' : `; ${printable(remedy)}`}`,
        ),
      ];

const leftText = (left: readonly LeftRows[]): string[] =>
  left.length === 0
    ? []
    : [
        'Not erased, since it is not certain that they concern the customer (to list them: --dry-run):',
        ...left.map(({ object, rows }) => `  ${printable(object)}: ${counted(rows, 'row')}`),
      ];

const notSearchedText = (keys: readonly string[]): string[] =>
  keys.length === 0
    ? []
    : [
        'Not searched, since no rule can read them as rows (check or remove them yourself):',
        ...keys.map((key) => `  ${printable(key)}`),
      ];

const commitsText = (commits: readonly number[]): string[] =>
  commits.length === 0
    ? []
    : [
        `Commits whose messages quote the customer, written by an earlier version: ${commits.join(', ')}. They cannot be rewritten; see "Erasing one customer" in docs/runbook.md.`,
      ];
