import type { Sample } from '../../lake/bronze/sample.ts';
import { columnsOf, grouped } from './column.ts';
import { findCustomer } from './find-customer.ts';
import { findDate } from './find-date.ts';
import { findMoney } from './find-money.ts';
import { findPurchase } from './find-purchase.ts';
import { type Answers, createSearch, type Search } from './search.ts';

/**
 * What a sample says about its file: a source entry, the evidence for each part of it, and the
 * questions that the data leaves open. With none open the entry is complete, its name and match
 * apart.
 */
export function detectSource(sample: Sample, answers: Answers): Search {
  const search = createSearch(columnsOf(sample), sample.rows.length, answers);
  describeFormat(search, sample);
  findCustomer(search);
  findMoney(search);
  findDate(search);
  findPurchase(search);
  remarkUnread(search);
  search.source.fields = inOrder(search.source.fields);
  return search;
}

const ORDER = [
  'customer_id',
  'customer_key',
  'first_name',
  'last_name',
  'full_name',
  'email',
  'purchase_id',
  'purchase_date',
  'amount',
  'currency',
  'updated_at',
];

/** The fields as people think of them: who, what, when, how much. */
const inOrder = (fields: Search['source']['fields']): Search['source']['fields'] =>
  Object.fromEntries(
    Object.entries(fields).toSorted(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b)),
  );

/**
 * What the reader must be told: an encoding is, a delimiter is only noted, since the reader finds
 * it again.
 */
export function describeFormat(search: Search, { format, encoding, total }: Sample): void {
  search.source.format = {
    type: format.type,
    ...(encoding === undefined ? {} : { encoding: encoding.encoding }),
  };
  search.notes.set(
    'format.type',
    format.type === 'csv'
      ? `delimiter ${JSON.stringify(format.delimiter)}, ${grouped(total)} rows`
      : `${grouped(total)} rows`,
  );
  if (encoding !== undefined) search.notes.set('format.encoding', encoding.why);
}

/** Names of columns that no field reads: they are reported as drift, never an error. */
export function remarkUnread({ columns, source, remarks }: Search): void {
  const used = JSON.stringify(source.fields);
  const unread = columns
    .filter(({ name }) => name !== '' && !used.includes(JSON.stringify(name)))
    .map(({ name }) => name);
  if (unread.length > 0) remarks.push(`Not read: ${unread.join(', ')}`);
}
