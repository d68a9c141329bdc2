import { UsageError } from '../../errors.ts';
import type { Pending } from './pending.ts';

/** A row chosen with `--also FILE:ROW`: FILE is the key below bronze/, which may hold colons. */
export type RowName = { text: string; object: string; row: number };

/** Reads FILE:ROW. Error: `UsageError`. */
export function rowName(text: string): RowName {
  const at = text.lastIndexOf(':');
  const digits = text.slice(at + 1);
  if (at < 1 || !/^[1-9][0-9]{0,14}$/.test(digits))
    throw new UsageError(`--also ${text} is not FILE:ROW.`, {
      hint: 'Give the file and the row as --dry-run lists them, such as shop/2026-01-31.csv:12.',
    });
  return { text, object: text.slice(0, at), row: Number(digits) };
}

/**
 * Returns the listed rows that were chosen. A row that an interrupted erasure has already removed
 * need not be listed. Error: `UsageError`, before anything is written.
 */
export function chosenRows<Row extends { object: string; row: number }>(
  also: readonly RowName[],
  listed: readonly Row[],
  { also: removed }: Pending,
): Row[] {
  const isListed = ({ object, row }: RowName, one: Row): boolean =>
    one.object === object && one.row === row;
  const unknown = also.filter(
    (name) => !removed.includes(name.text) && !listed.some((one) => isListed(name, one)),
  );
  if (unknown.length > 0)
    throw new UsageError(
      `--also ${unknown.map(({ text }) => text).join(', ')}: no such row is listed for this customer; nothing was erased.`,
      { hint: 'See the rows that may concern the customer: purchases erase CUSTOMER --dry-run.' },
    );
  return listed.filter((one) => also.some((name) => isListed(name, one)));
}
