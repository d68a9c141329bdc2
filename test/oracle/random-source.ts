import fc from 'fast-check';
import type { FieldRule, Source, Term } from '../../src/medallion/source.ts';
import * as values from './random-values.ts';

/** A column as the writers know it: the name that the mapping uses, and its possible values. */
export type Column = { name: string; pool: fc.Arbitrary<string> };

/** A source with the columns of its files. */
export type SourcePlan = { source: Source; columns: Column[] };

type Piece = { fields: Source['fields']; columns: Column[] };

const MARKS: values.Marks[] = [
  { decimal: '.', thousands: '' },
  { decimal: '.', thousands: '' },
  { decimal: '.', thousands: ',' },
  { decimal: ',', thousands: '' },
  { decimal: ',', thousands: '.' },
  { decimal: ',', thousands: ' ' },
  { decimal: '.', thousands: "'" },
];

export const ZONES = [
  'Australia/Sydney',
  'Europe/London',
  'America/New_York',
  'Pacific/Auckland',
  'UTC',
  'Asia/Kolkata',
];

const choices = fc.record({
  keyed: fc.boolean(),
  id: fc.constantFrom('column', 'column', 'column', 'none', 'concat'),
  amount: fc.constantFrom('column', 'column', 'product', 'priced', 'sum', 'minus', 'coalesce'),
  name: fc.constantFrom('parts', 'parts', 'full', 'concat', 'both'),
  email: fc.constantFrom('column', 'coalesce', 'nested'),
  currency: fc.constantFrom('column', 'column', 'constant', 'default', 'coalesce'),
  updated: fc.constantFrom('none', 'none', 'numbers', 'instants', 'mixed'),
  operation: fc.boolean(),
  blank: fc.constantFrom(undefined, 'zero' as const),
  rows: fc.constantFrom('purchases', 'purchases', 'lines'),
  marks: fc.constantFrom(...MARKS),
  zone: fc.option(fc.constantFrom(...ZONES), { nil: null }),
  formats: values.dateFormats,
  glob: fc.constantFrom('/**', '/**', '/**/part-*', '*/**'),
  type: fc.constantFrom(null, null, null, null, null, 'csv', 'json'),
  delimiter: fc.constantFrom(null, null, null, null, ';', '|'),
  encoding: fc.constantFrom(null, null, 'latin1', 'windows-1252', 'utf-8'),
});

type Choices = typeof choices extends fc.Arbitrary<infer T> ? T : never;

function column(name: string): FieldRule {
  return { kind: 'column', column: name };
}

function customer({ keyed }: Choices): Piece {
  return keyed
    ? {
        fields: { customer_key: column('Account') },
        columns: [{ name: 'Account', pool: values.customerKeys }],
      }
    : {
        fields: { customer_id: column('Customer ID') },
        columns: [{ name: 'Customer ID', pool: values.customerIds }],
      };
}

function purchase({ id }: Choices): Piece {
  if (id === 'none') return { fields: {}, columns: [] };
  if (id === 'column') {
    return {
      fields: { purchase_id: column('purchase_id') },
      columns: [{ name: 'purchase_id', pool: values.purchaseIds }],
    };
  }
  return {
    fields: { purchase_id: { kind: 'concat', columns: ['Order', 'Part'], separator: '-' } },
    columns: [
      { name: 'Order', pool: values.purchaseIds },
      { name: 'Part', pool: fc.constantFrom('', '1', ' ', '1') },
    ],
  };
}

function calculated(
  terms: [Term, Term],
  kind: 'product' | 'sum',
  minus: string[],
  blank?: 'zero',
): FieldRule {
  if (kind === 'product') return { kind, factors: terms };
  return { kind, terms, minus, ...(blank === undefined ? {} : { blank }) };
}

function amount({ amount: how, marks, blank }: Choices): Piece {
  const pool = values.amounts(marks);
  // Plain numbers mean the same with every mark only if they are integers.
  const counts =
    marks.decimal === '.' && marks.thousands === ''
      ? values.quantities
      : fc.constantFrom('1', '2', '3', '5', '1', '2', '7', '-3', '0', '');
  const price: Column = { name: 'Unit-Price', pool };
  switch (how) {
    case 'product':
      return {
        fields: {
          amount: calculated([{ column: 'Quantity' }, { column: 'Unit Price' }], 'product', []),
        },
        columns: [{ name: 'Quantity', pool: counts }, price],
      };
    case 'priced':
      return {
        fields: {
          amount: calculated(
            [{ column: 'unit_price' }, { number: `1${marks.decimal}1` }],
            'product',
            [],
          ),
        },
        columns: [price],
      };
    case 'sum':
    case 'minus':
      return {
        fields: {
          amount: calculated(
            [{ column: 'Total' }, { column: 'Shipping' }],
            'sum',
            how === 'minus' ? ['Refunded Amount'] : [],
            blank,
          ),
        },
        columns: [
          {
            name: 'Total',
            pool: fc.oneof(
              { weight: 1, arbitrary: fc.constant('') },
              { weight: 9, arbitrary: pool },
            ),
          },
          {
            name: 'Shipping',
            pool: fc.oneof(
              { weight: 1, arbitrary: fc.constant('') },
              { weight: 4, arbitrary: counts },
            ),
          },
          ...(how === 'minus'
            ? [{ name: 'Refunded Amount', pool: fc.oneof(fc.constant(''), fc.constant(''), pool) }]
            : []),
        ],
      };
    case 'coalesce':
      return {
        fields: { amount: { kind: 'coalesce', columns: ['Total', 'Subtotal', 'Nowhere'] } },
        columns: [
          { name: 'Total', pool: fc.oneof(fc.constant(''), pool) },
          { name: 'Subtotal', pool },
        ],
      };
    case 'column':
      return { fields: { amount: column('amount') }, columns: [{ name: 'amount', pool }] };
  }
}

function person({ name, email }: Choices): Piece {
  const parts: Column[] = [
    { name: 'first_name', pool: values.names },
    { name: 'last_name', pool: values.names },
  ];
  const full: Column = { name: 'Full Name', pool: values.names };
  const named = name === 'full' ? [full] : name === 'both' ? [...parts, full] : parts;
  const concat: FieldRule = {
    kind: 'concat',
    columns: ['First Name', 'last-name'],
    separator: ' ',
  };
  const fullName = name === 'concat' ? concat : name === 'parts' ? null : column('full_name');
  const address = email === 'nested' ? 'customer.email' : 'Email';
  const rule: FieldRule =
    email === 'coalesce'
      ? { kind: 'coalesce', columns: ['Email', 'Billing Email'] }
      : column(address);
  return {
    fields: {
      first_name: column('first_name'),
      last_name: column('last_name'),
      ...(fullName === null ? {} : { full_name: fullName }),
      email: rule,
    },
    columns: [
      ...named,
      { name: address, pool: values.emails },
      ...(email === 'coalesce' ? [{ name: 'Billing Email', pool: values.emails }] : []),
    ],
  };
}

function currency({ currency: how }: Choices): Piece {
  const pool = values.currencies;
  if (how === 'constant')
    return { fields: { currency: { kind: 'constant', value: 'usd' } }, columns: [] };
  if (how === 'default') return { fields: { currency: column('currency') }, columns: [] };
  if (how === 'column')
    return { fields: { currency: column('currency') }, columns: [{ name: 'currency', pool }] };
  return {
    fields: { currency: { kind: 'coalesce', columns: ['Paid In', 'currency'] } },
    columns: [
      { name: 'Paid In', pool: fc.oneof(fc.constant(''), pool) },
      { name: 'currency', pool },
    ],
  };
}

function history({ updated, operation }: Choices): Piece {
  const isDated = updated === 'numbers' || updated === 'instants' || updated === 'mixed';
  return {
    fields: {
      ...(isDated ? { updated_at: column('Updated at') } : {}),
      ...(operation ? { operation: column('Status') } : {}),
    },
    columns: [
      ...(isDated ? [{ name: 'Updated at', pool: values.updates[updated] }] : []),
      ...(operation ? [{ name: 'Status', pool: values.statuses }] : []),
    ],
  };
}

function planOf(name: string, choice: Choices): SourcePlan {
  const date: Piece = {
    fields: { purchase_date: column('Purchase Date') },
    columns: [{ name: 'Purchase Date', pool: values.dates(choice.formats) }],
  };
  const pieces = [
    customer(choice),
    purchase(choice),
    date,
    amount(choice),
    currency(choice),
    person(choice),
    history(choice),
  ];
  const source: Source = {
    name,
    match: `${name}${choice.glob}`,
    rows: choice.rows === 'lines' ? 'lines' : 'purchases',
    format: {
      ...choice.marks,
      ...(choice.type === null ? {} : { type: choice.type }),
      ...(choice.delimiter === null ? {} : { delimiter: choice.delimiter }),
      ...(choice.encoding === null ? {} : { encoding: choice.encoding }),
    },
    ...(choice.zone === null ? {} : { timeZone: choice.zone }),
    dateFormats: choice.formats,
    ...(choice.currency === 'default' ? { defaultCurrency: 'USD' } : {}),
    fields: Object.assign({}, ...pieces.map((piece) => piece.fields)) as Source['fields'],
    deletes: choice.operation ? ['cancelled', 'voided'] : [],
  };
  return { source, columns: pieces.flatMap((piece) => piece.columns) };
}

/** A source of the given name: its mapping, its formats, and the columns of its files. */
export function sourcePlan(name: string): fc.Arbitrary<SourcePlan> {
  return choices.map((choice) => planOf(name, choice));
}
