import type { ExplainedPurchase, Explanation } from '../../lake/customer/explain.ts';
import type { Version } from '../../lake/customer/version.ts';
import { type Colours, coloursFor } from '../terminal/colours.ts';
import type { Explained } from './explain-lake.ts';
import type { Io } from '../terminal/io.ts';
import { type Align, money, printable, table } from '../terminal/table.ts';

/**
 * Formats an explanation for people: the customer and the total, each purchase with the versions
 * that it superseded, then what does not count.
 */
export function explanationText(io: Io, explained: Explained): string {
  const colours = coloursFor(io, io.stdout);
  const shop = [...explained.purchases, ...explained.deleted, ...explained.moved].some(
    ({ source }, _, [first]) => source !== first?.source,
  );
  return [
    headText(explained, colours),
    section(
      colours.bold('Purchases that count'),
      explained.purchases,
      shop,
      explained.total_spent_aud,
    ),
    section(colours.bold('Deleted: the newest version is a deletion'), explained.deleted, shop),
    section(colours.bold('Moved to another customer'), explained.moved, shop),
    rejectedText(explained, colours),
    servingText(explained, colours),
    `${colours.bold('Next')}  ${nextText(explained)}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function headText(explained: Explanation, colours: Colours): string {
  const keys = explained.customer_keys.map((key) => `key ${printable(key)}`);
  const name = explained.full_name === null ? '(no name)' : printable(explained.full_name);
  const from = (field: 'full_name_from' | 'email_from'): string =>
    explained[field] === null ? '' : `, from purchase ${idText(explained[field].purchase_id)}`;
  const range =
    explained.first_purchase_date === null
      ? ''
      : `, ${explained.first_purchase_date} to ${explained.last_purchase_date}`;
  const refunds = explained.purchases.length - explained.purchase_count;
  const counts = `${plural(explained.purchase_count, 'purchase')}${refunds > 0 ? ` and ${plural(refunds, 'refund')}` : ''}`;
  const total = explained.in_gold
    ? `${colours.bold(money(explained.total_spent_aud))} AUD from ${counts}${range}; equal to gold at seq ${explained.gold_seq}`
    : `no purchase counts, so gold at seq ${explained.gold_seq} has no row`;
  return [
    `${colours.bold('Customer')}  ${[String(explained.customer_id), ...keys].join(', ')}`,
    `${colours.bold('Name')}      ${name}${from('full_name_from')}`,
    `${colours.bold('E-mail')}    ${explained.email === null ? '(none)' : printable(explained.email)}${from('email_from')}`,
    `${colours.bold('Total')}     ${total}`,
  ].join('\n');
}

const HEADER = ['purchase', 'date', 'amount', '', 'rate', 'rate of', 'AUD', 'object', 'row', ''];
const ALIGN: Align[] = [
  'left',
  'left',
  'right',
  'left',
  'right',
  'left',
  'right',
  'left',
  'right',
  'left',
];

function section(
  title: string,
  purchases: readonly ExplainedPurchase[],
  shop: boolean,
  total?: string,
): string {
  if (purchases.length === 0) return '';
  const rows = purchases.flatMap((purchase) => [
    [
      `${shop ? `${purchase.source} ` : ''}${idText(purchase.purchase_id)}`,
      ...cells(purchase, total !== undefined),
      noteOf(purchase, total === undefined),
    ],
    ...purchase.versions.map((version) => [
      `  ${version.fate}`,
      ...cells(version, false),
      [otherCustomer(version, purchase), version.why].filter(Boolean).join('; '),
    ]),
  ]);
  const sum = total === undefined ? [] : [['total', '', '', '', '', '', money(total), '', '', '']];
  return `${title}\n${table(HEADER, [...rows, ...sum], ALIGN)}`;
}

/** AUD is shown only for purchases that count, so that the column adds up to the total. */
function cells(version: Version, counts: boolean): string[] {
  const { purchase_date, amount, currency, rate, rate_date, amount_aud } = version;
  return [
    purchase_date ?? '',
    amount === null ? '' : money(shortened(amount, 2)),
    currency ?? '',
    counts && rate !== null ? shortened(rate, 0) : '',
    counts ? (rate_date ?? '') : '',
    counts && amount_aud !== null ? money(amount_aud) : '',
    version.object_key,
    version.lines > 1 ? `${version.row_number} (${version.lines} lines)` : `${version.row_number}`,
  ];
}

function noteOf(purchase: ExplainedPurchase, elsewhere: boolean): string {
  if (!elsewhere) return '';
  return purchase.amount_aud === null || purchase.customer_id === null
    ? ''
    : `now customer ${purchase.customer_id}`;
}

const otherCustomer = (version: Version, winner: Version): string =>
  version.customer_id === winner.customer_id || version.customer_id === null
    ? ''
    : `customer ${version.customer_id}`;

function rejectedText(explained: Explanation, colours: Colours): string {
  if (explained.refused.length === 0) return '';
  const rows = explained.refused.map(({ object_key, row_number, reasons, raw }) => [
    object_key,
    String(row_number),
    reasons.join(', '),
    raw,
  ]);
  return `${colours.bold('Rejected rows that name this customer')}\n${table(['object', 'row', 'reasons', 'raw'], rows, ['left', 'right'])}`;
}

function servingText({ serving, in_gold, gold_seq }: Explained, colours: Colours): string {
  const title = colours.bold('Serving table');
  if (serving.state === 'not_asked') return `${title}  not queried: ${serving.why}`;
  const found =
    serving.row === null ? 'no row' : `${money(serving.row.total_spent_aud ?? '-')} AUD`;
  const at = serving.seq === null ? 'no seq' : `seq ${serving.seq}`;
  if (serving.state === 'equal')
    return `${title}  ${found} at ${at}, ${in_gold ? 'equal to gold' : 'as expected'}`;
  return serving.state === 'other_seq'
    ? `${title}  ${found} at ${at}, while gold is at seq ${gold_seq}: purchases run brings it up to date`
    : `${title}  ${colours.yellow(`${found} at ${at}, which differs from gold at that seq`)}: another program changed it`;
}

function nextText({ refused, customer_id }: Explanation): string {
  return refused.length > 0
    ? 'purchases quarantine'
    : `purchases query "select * from silver where customer_id = ${customer_id}"`;
}

/**
 * Shortens the generated id of a purchase without an id of its own, a content digest and a row
 * number, to eight digits and the row number.
 */
const idText = (id: string): string =>
  printable(id.replace(/^([0-9a-f]{8})[0-9a-f]{56}:(\d+)$/, '$1…:$2'));

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Removes trailing zeros of the decimals, down to `places` digits. */
const shortened = (text: string, places: number): string =>
  text.replace(new RegExp(`(\\.\\d{${places}}\\d*?)0+$`), '$1').replace(/\.$/, '');
