import type { Sample } from '../../lake/bronze/sample.ts';
import { columnsOf, grouped } from './column.ts';
import { findCustomer } from './find-customer.ts';
import { findDate } from './find-date.ts';
import { findMoney } from './find-money.ts';
import { findPurchase } from './find-purchase.ts';
import { type Answers, createSearch, type Search } from './search.ts';

/**
 * Derives a source entry from a sample, with the evidence for each part and the questions that the
 * data leaves open. Without open questions the entry is complete except for its name and match.
 */
export function detectSource(sample: Sample, answers: Answers): Search {
  const search = createSearch(columnsOf(sample), sample.rows.length, answers);
  describeFormat(search, sample);
  findCustomer(search);
  findMoney(search);
  findDate(search);
  findPurchase(search);
  remarkIgnored(search);
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

/** Sorts fields in reading order: who, what, when, how much. */
const inOrder = (fields: Search['source']['fields']): Search['source']['fields'] =>
  Object.fromEntries(
    Object.entries(fields).toSorted(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b)),
  );

/**
 * Declares the format and an encoding. The delimiter is only noted: the reader detects it again.
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

/** Remarks which columns no field reads. Runs report them as drift, never as an error. */
export function remarkIgnored({ columns, source, remarks }: Search): void {
  const used = JSON.stringify(source.fields);
  const ignored = columns
    .filter(({ name }) => name !== '' && !used.includes(JSON.stringify(name)))
    .map(({ name }) => name);
  if (ignored.length > 0) remarks.push(`Not read: ${ignored.join(', ')}`);
}
