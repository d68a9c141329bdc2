import fc from 'fast-check';

/** The marks with which a source writes its numbers. */
export type Marks = { decimal: '.' | ','; thousands: '' | ',' | '.' | ' ' | "'" };

type Pool = { good: string[]; odd: string[]; bad: string[] };

/** Mostly good values, some that are read only with care, a few that are rejected or cleaned. */
function from({ good, odd, bad }: Pool): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 40, arbitrary: fc.constantFrom(...good) },
    { weight: 4, arbitrary: fc.constantFrom(...odd) },
    { weight: 1, arbitrary: fc.constantFrom(...bad) },
  );
}

export const customerIds = from({
  good: ['1', '2', '3'],
  odd: [
    '007',
    '2.0',
    '+3',
    ' 1\u00a0',
    '-5',
    '0',
    '2147483647',
    '-2147483648',
    '3.',
    '1000000001',
    '1000000002',
    '5000',
    '5001',
  ],
  bad: ['', 'x', '1.5', '2147483648', '-2147483649', '1e1', '\u0661', '1_0', 'NaN', '.0', '1,0'],
});

export const customerKeys = from({
  good: ['ann@shop.org', 'cus_1', 'cus_2'],
  odd: ['ANN@Shop.org', ' cus_1 ', 'ÉCOLE', 'école', 'cus_\u{1f600}', '7', 'k'.repeat(255), 'a  b'],
  bad: ['', ' \u3000', 'k'.repeat(256)],
});

export const purchaseIds = from({
  good: ['p1', 'p2', 'p3', 'p4', 'p5'],
  odd: [
    'P1',
    ' p1 ',
    '\u{1f600}',
    '\ue000',
    '1.0',
    '1',
    'p,1',
    'p"1',
    "p'1",
    '\\N',
    'NULL',
    'null',
  ],
  bad: ['', '\u2003'],
});

const dateValues: Pool = {
  good: ['2026-03-27', '2026-03-30', '2026-04-01', '2026/04/02', '2026-04-03', '2026-04-04'],
  odd: [
    '2026-04-01T00:30',
    '2026-04-02 23:45:10',
    '2026-04-01T23:30:00Z',
    '2026-04-01T23:30:00.123456789 +00:00',
    '2026-04-01T12:00-1430',
    '2026-04-03T09:00+14',
    '2026-03-29T01:30',
    '2026-04-05T02:30',
    '2026-03-08 02:30',
    '2026-04-04T15:30Z',
    '2026-04-04T13:59:59.999999Z',
    '2026-04-04T14:00Z',
    '1900-01-01',
    '2024-02-29',
    '2026-03-31T23:59:59 Z',
  ],
  bad: [
    '',
    '2026-02-30',
    '2023-02-29',
    '31/01/2026',
    '1899-12-31',
    '2027-01-01',
    '2026-1-5',
    '2026-04-01T24:00',
    '2026-04-01T10:00+15:00',
    '2026-04-01t10:00',
    '2026-04-01T10:00:60',
    '0000-01-01',
    'yesterday',
    '2026-13-01',
    '2026-04-01T10',
    '20260401',
    '2026/04-01',
    '2026-04-01T10:00  Z',
    '2026-04-01T10:00 Europe/London',
  ],
};

/** Texts that each declared format reads, and some that it must not. */
const DECLARED: Record<string, { good: string[]; odd: string[] }> = {
  'M/d/yyyy H:mm': {
    good: ['4/1/2026 8:26', '03/31/2026 23:59'],
    odd: ['4/31/2026 1:00', '4/1/2026 24:00', '4/1/2026 8:60'],
  },
  'dd-MMM-yy': { good: ['01-Apr-26', '31-MAR-26'], odd: ['30-feb-26', '1-Apr-26', '01-Avr-26'] },
  'd.M.yyyy': { good: ['1.4.2026', '31.03.2026'], odd: ['31.4.2026'] },
  'M/d/yyyy h:mm a': {
    good: ['4/1/2026 12:05 AM', '3/31/2026 12:05 pm'],
    odd: ['4/1/2026 13:00 PM', '4/1/2026 0:10 AM'],
  },
  'd/M/yyyy': { good: ['1/4/2026', '31/3/2026'], odd: ['4/1/2026', '3/31/2026', '30/2/2026'] },
  "yyyyMMdd 'at' HHmmss": {
    good: ['20260401 at 235959'],
    odd: ['20260229 at 000000', '20260401 AT 235959'],
  },
};

export const dateFormats = fc.oneof(
  { weight: 3, arbitrary: fc.constant<string[]>([]) },
  { weight: 2, arbitrary: fc.shuffledSubarray(Object.keys(DECLARED), { maxLength: 3 }) },
);

export function dates(formats: string[]): fc.Arbitrary<string> {
  const declared = formats.flatMap((format) => DECLARED[format] ?? []);
  return from({
    good: [...dateValues.good, ...declared.flatMap((texts) => texts.good)],
    odd: [...dateValues.odd, ...declared.flatMap((texts) => texts.odd)],
    bad: dateValues.bad,
  });
}

function marked(text: string, { decimal, thousands }: Marks): string {
  return text.replaceAll(/[.,]/g, (mark) => (mark === '.' ? decimal : thousands));
}

/**
 * Written with `.` for the decimal mark and `,` for the thousands, then changed to the marks of the
 * source.
 */
export function amounts(marks: Marks): fc.Arbitrary<string> {
  const good = ['10', '0.5', '19.99', '100.00', '7', '-3.20', '0', '12.5'];
  const odd = [
    '.5',
    '5.',
    '+7',
    '1e2',
    '1E-3',
    '2.5e+001',
    '12.34565',
    '12.34564999',
    '-12.34565',
    '0.00005',
    '-0.00001',
    '-0',
    '99999999999.99',
    '9999999999.99',
    '.55e-21',
    '40001215450993555239e-19',
    '000012',
    '1.005',
    '-1.005',
    '0.0000005',
    ...(marks.thousands === '' ? [] : ['1,234.56', '1,234', '-12,345,678.9', '0,123']),
  ];
  const bad = [
    '',
    ' ',
    'abc',
    '1_000',
    'NaN',
    'Infinity',
    '-Infinity',
    '0x10',
    '\u0661\u0662',
    '$5',
    '(5.00)',
    '1e1000',
    '--1',
    '.',
    '99999999999999.99995',
    '99999999999999.99994',
    '1e14',
    '999999999999.9999996',
    '1e999',
    '-1e12',
    '1 2',
    '1e',
    '+',
    "1'234",
    '12,34',
    '1,23,456',
    '1234,567',
    ',123',
    '1.2.3',
    '10000000000',
  ];
  return from({ good, odd, bad }).map((text) => marked(text, marks));
}

export const quantities = from({
  good: ['1', '2', '3', '10'],
  odd: ['-1', '0', '0.333333', '0.3333335', '1e3'],
  bad: ['', 'two', '1e12', '999999999999.9999994'],
});

export const currencies = from({
  good: ['AUD', 'USD', 'EUR'],
  odd: ['usd', ' Eur ', 'JPY', 'GBP'],
  bad: ['', 'US', 'US1', 'XXX', '€€€', 'dollars', 'USD.'],
});

export const names = from({
  good: ['Ann', 'Bob', 'Zoë', "O'Neil"],
  odd: [
    '',
    ' Ann ',
    'Ann\u00a0 Lee',
    'A\u0007nn',
    'x'.repeat(260),
    `${'x'.repeat(254)} yz`,
    '\u{1f600}'.repeat(256),
    'a\tb',
    'a\r\nb',
    'İ',
    '\u0001',
    '"Q"',
    'a,b;c|d',
    '-',
    '\u200bz',
    'a \u0001 b',
    'N\u0000ull',
    '\ufeffAnn',
  ],
  bad: ['\u3000', '\u0085'],
});

export const emails = from({
  good: ['ann@x.org', 'bob@y.com.au'],
  odd: ['ANN@X.ORG', ' ann@x.org ', '', 'İ@x.org', `${'a'.repeat(249)}@x.org`],
  bad: [
    'ann',
    'a@b',
    'a@b.',
    'a b@c.d',
    'a@b@c.d',
    'a@b.c.',
    'a@.c',
    '<a@b.c>',
    'a\u0001@b.c',
    `${'a'.repeat(250)}@x.org`,
  ],
});

const instants = [
  '2026-04-01T10:00:00Z',
  '2026-04-01T12:00:00+02:00',
  '2026-04-01T10:00:00.000001Z',
  '2026-04-01',
  '2026-04-05T02:30',
  '2026-04-01T10:00:00.0000019Z',
];
const numbers = [
  '1',
  '2',
  '10',
  '1.0',
  '-1',
  '1e1',
  '0.000000001',
  '0.0000000004',
  '999999999999999999.999999999',
];
const notUpdated = ['never', '1e18', '-1e18', '2026-02-30', '1,5', 'NaN'];

export const updates = {
  numbers: from({ good: numbers, odd: ['', '+2', '.5'], bad: notUpdated }),
  instants: from({ good: instants, odd: ['', ' 2026-04-02 '], bad: notUpdated }),
  mixed: from({ good: [...numbers, ...instants], odd: [''], bad: notUpdated }),
};

export const statuses = from({
  good: ['paid', 'paid', 'paid', 'shipped'],
  odd: ['cancelled', 'CANCELLED', ' voided ', ''],
  bad: ['cancel', 'not voided'],
});

/** Text that no mapping refers to. */
export const extras = fc.constantFrom('', 'x', 'a,b', '"', '1', 'true', 'ü');
