import type { ExplainedPurchase, Explanation } from '../../lake/customer/explain.ts';
import type { Version } from '../../lake/customer/version.ts';
import { type Colours, coloursFor } from '../terminal/colours.ts';
import type { Explained } from './explain-lake.ts';
import type { Io } from '../terminal/io.ts';
import { type Align, money, printable, table } from '../terminal/table.ts';

/**
 * A customer's history for people: who, how much and why, then each purchase with what it beat,
 * then what does not count.
 */
export function explanationText(io: Io, told: Explained): string {
  const colours = coloursFor(io, io.stdout);
  const shop = [...told.purchases, ...told.deleted, ...told.moved].some(
    ({ source }, _, [first]) => source !== first?.source,
  );
  return [
    headText(told, colours),
    section(colours.bold('Purchases that count'), told.purchases, shop, told.total_spent_aud),
    section(colours.bold('Deleted: the newest version says so'), told.deleted, shop),
    section(colours.bold('Of another customer now'), told.moved, shop),
    refusedText(told, colours),
    servingText(told, colours),
    `${colours.bold('Next')}  ${nextText(told)}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function headText(told: Explanation, colours: Colours): string {
  const keys = told.customer_keys.map((key) => `key ${printable(key)}`);
  const name = told.full_name === null ? '(no name)' : printable(told.full_name);
  const from = (field: 'full_name_from' | 'email_from'): string =>
    told[field] === null ? '' : `, from purchase ${idText(told[field].purchase_id)}`;
  const range =
    told.first_purchase_date === null
      ? ''
      : `, ${told.first_purchase_date} to ${told.last_purchase_date}`;
  const refunds = told.purchases.length - told.purchase_count;
  const counts = `${plural(told.purchase_count, 'purchase')}${refunds > 0 ? ` and ${plural(refunds, 'refund')}` : ''}`;
  const total = told.in_gold
    ? `${colours.bold(money(told.total_spent_aud))} AUD of ${counts}${range}; the same in gold of seq ${told.gold_seq}`
    : `nothing counts, so gold of seq ${told.gold_seq} has no row`;
  return [
    `${colours.bold('Customer')}  ${[String(told.customer_id), ...keys].join(', ')}`,
    `${colours.bold('Name')}      ${name}${from('full_name_from')}`,
    `${colours.bold('E-mail')}    ${told.email === null ? '(none)' : printable(told.email)}${from('email_from')}`,
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
      [named(version, purchase), version.why].filter(Boolean).join('; '),
    ]),
  ]);
  const sum = total === undefined ? [] : [['total', '', '', '', '', '', money(total), '', '', '']];
  return `${title}\n${table(HEADER, [...rows, ...sum], ALIGN)}`;
}

/** AUD stands only where it counts: a reader may add the column up. */
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
    : `now of customer ${purchase.customer_id}`;
}

const named = (version: Version, winner: Version): string =>
  version.customer_id === winner.customer_id || version.customer_id === null
    ? ''
    : `of customer ${version.customer_id}`;

function refusedText(told: Explanation, colours: Colours): string {
  if (told.refused.length === 0) return '';
  const rows = told.refused.map(({ object_key, row_number, reasons, raw }) => [
    object_key,
    String(row_number),
    reasons.join(', '),
    raw,
  ]);
  return `${colours.bold('Refused rows that name this customer')}\n${table(['object', 'row', 'because', 'raw'], rows, ['left', 'right'])}`;
}

function servingText({ serving, in_gold, gold_seq }: Explained, colours: Colours): string {
  const title = colours.bold('Serving table');
  if (serving.state === 'not_asked') return `${title}  not asked: ${serving.why}`;
  const says = serving.row === null ? 'no row' : `${money(serving.row.total_spent_aud ?? '-')} AUD`;
  const at = serving.seq === null ? 'no seq' : `seq ${serving.seq}`;
  if (serving.state === 'equal')
    return `${title}  ${says} at ${at}, as ${in_gold ? 'gold says' : 'it should be'}`;
  return serving.state === 'other_seq'
    ? `${title}  ${says} at ${at}, while gold is at seq ${gold_seq}: purchases run brings it up to date`
    : `${title}  ${colours.yellow(`${says} at ${at}, which is not what gold of that seq says`)}: somebody else wrote to it`;
}

function nextText({ refused, customer_id }: Explanation): string {
  return refused.length > 0
    ? 'purchases quarantine'
    : `purchases query "select * from silver where customer_id = ${customer_id}"`;
}

/**
 * A purchase without an id of its own is known by its content's digest and its row: eight digits
 * tell them apart for a reader.
 */
const idText = (id: string): string =>
  printable(id.replace(/^([0-9a-f]{8})[0-9a-f]{56}:(\d+)$/, '$1…:$2'));

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Zeros at the end of the decimals left out, down to `places`: the number is the same. */
const shortened = (text: string, places: number): string =>
  text.replace(new RegExp(`(\\.\\d{${places}}\\d*?)0+$`), '$1').replace(/\.$/, '');
