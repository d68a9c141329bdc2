import { gzipSync } from 'node:zlib';
import type { OracleInput, OracleObject } from '../oracle/index.ts';
import { handSource } from '../oracle/hand-lake.ts';
import { HOSTILE } from '../properties/hostile-files.ts';
import { NOON, plainLake } from '../properties/plain-lake.ts';
import { JSON_TEXTS, VALUES } from './nasty-values.ts';

type Row = Record<string, string>;

const GOOD: Row = {
  customer_id: '7',
  first_name: 'Ann',
  last_name: 'Lee',
  email: 'ann@example.com',
  purchase_id: 'p',
  purchase_date: '2026-04-01',
  amount: '10.50',
  currency: 'AUD',
  updated_at: '',
  operation: '',
};
const HEADER = Object.keys(GOOD);

const quoted = (row: Row): string =>
  HEADER.map((name) => `"${(row[name] ?? '').replaceAll('"', '""')}"`).join(',');
const plain = (row: Row): string => HEADER.map((name) => row[name] ?? '').join(',');
const csv = (rows: readonly Row[], line: (row: Row) => string, head = HEADER): string =>
  [head.join(','), ...rows.map(line), ''].join('\n');

/**
 * A good row of its own purchase and customer for each nasty value of each field; `from` keeps
 * cases apart.
 */
function nasty(from: number, fields: readonly string[]): Row[] {
  let id = from;
  return fields.flatMap((field) =>
    (VALUES[field] ?? []).map((value) => {
      id += 1;
      return { ...GOOD, purchase_id: `p${id}`, customer_id: String(id), [field]: value };
    }),
  );
}

const isPlain = (row: Row): boolean => !/["\r\n,]/.test(Object.values(row).join(''));

/**
 * Successive versions of a few purchases: winners, ties, deletes, late corrections and returns to a
 * previous owner.
 */
function versions(seed: number): Row[] {
  const pick = <T>(list: readonly T[], at: number): T => list[at % list.length] as T;
  return Array.from({ length: 60 }, (_, at) => ({
    ...GOOD,
    purchase_id: `v${(at * 7 + seed) % 11}`,
    customer_id: String(9000 + ((at * 5 + seed) % 4)),
    amount: pick(['1', '2.00', '2', '-3.5', '0'], at * 3 + seed),
    updated_at: pick(
      ['', '5', '05.0', '2026-04-01T10:00:00Z', '2026-04-01', '5.000000001'],
      at * 5,
    ),
    operation: pick(['', '', '', 'VOIDED', 'paid'], at * 2 + seed),
    first_name: pick(['', 'Zoë', '😀', '\u{ffff}'], at),
    email: pick(['', 'A@B.co', 'x@y.zz', 'no'], at * 3),
  }));
}

const object = (key: string, content: string | Buffer, modified = NOON): OracleObject => ({
  key,
  bytes: Buffer.isBuffer(content) ? content : Buffer.from(content),
  modified,
});

const ALL = Object.keys(VALUES);
const line = (more: string, id: string): string =>
  `{"customer_id":1,"purchase_id":"${id}","purchase_date":"2026-04-01","amount":10.50,"currency":"AUD",${more}}`;
const json = JSON_TEXTS.map((text, at) => line(`"first_name":${text}`, `j${at}`));
const numbers = JSON_TEXTS.map((text, at) => line('"x":1', `n${at}`).replace('10.50', () => text));
const everyValue = nasty(3000, ALL);

const MAIN: OracleObject[] = [
  object('shop/2026-04-03/quoted.csv', csv(nasty(1000, ALL), quoted)),
  object('shop/2026-04-03/plain.csv', csv(nasty(2000, ALL).filter(isPlain), plain)),
  object('shop/2026-04-03/values.ndjson', everyValue.map((row) => JSON.stringify(row)).join('\n')),
  object('shop/2026-04-03/texts.ndjson', json.join('\n')),
  object('shop/2026-04-03/numbers.ndjson', numbers.join('\r\n')),
  object(
    'shop/2026-04-03/array.json',
    `\ufeff [${everyValue
      .slice(0, 40)
      .map((row) => JSON.stringify(row, null, 2))
      .join(' ,\n')}]`,
  ),
  object('shop/2026-04-01/versions.csv', csv(versions(1), plain)),
  object('shop/2026-04-02/versions.csv', csv(versions(2), quoted), NOON + 5),
  object('shop/2026-04-02/versions-again.csv', csv(versions(2), quoted), NOON + 5),
  object('shop/2026-04-02/\u{ff5e}.csv', csv(versions(3), plain), NOON + 5),
  object('shop/2026-04-02/😀.csv', csv(versions(4), plain), NOON + 5),
  object('shop/undated.csv', csv(versions(5), plain), NOON - 86_400),
  object(
    'shop/2026-04-03/all-bad.csv',
    csv(
      nasty(4000, ['amount']).map((row) => ({ ...row, currency: '?' })),
      plain,
    ),
  ),
  object(
    'shop/2026-04-03/extra.csv',
    `Extra Column,${csv(nasty(5000, ['amount']).filter(isPlain), (row) => `x,${plain(row)}`)}`,
  ),
  object(
    'shop/2026-04-03/no-currency.csv',
    'customer_id,purchase_id,purchase_date,amount\n1,nc,2026-04-01,1\n',
  ),
  object('shop/2026-04-03/cut.csv.gz', gzipSync(csv(versions(6), plain)).subarray(0, 60)),
  object('shop/2026-04-03/bad-crc.csv.gz', damaged(gzipSync(csv(versions(6), plain)))),
  object(
    'shop/2026-04-03/members.csv.gz',
    Buffer.concat([
      gzipSync(csv(versions(7), plain)),
      gzipSync(`${plain({ ...GOOD, purchase_id: 'm' })}\n`),
    ]),
  ),
  object('shop/2026-04-03/bomb.csv.gz', gzipSync(Buffer.alloc(8 << 20, 0x61))),
  object('elsewhere/x.csv', 'a,b\n1,2\n'),
  object('shop/readme.pdf', '%PDF'),
];

function damaged(packed: Buffer): Buffer {
  const bytes = Buffer.from(packed);
  bytes[bytes.length - 6] = (bytes[bytes.length - 6] ?? 0) ^ 0xff;
  return bytes;
}

const KEYED = [
  'Key',
  'Given',
  'Family',
  'Mail',
  'Other Mail',
  'Id',
  'Day',
  'Total',
  'Fee',
  'Money',
  'Changed',
];
const keyed = (seed: number): string =>
  [
    KEYED.join(';'),
    ...Array.from({ length: 80 }, (_, at) =>
      [
        ['cus_1', 'CUS_2', ' cus_3', 'Ünïcode@x.org', 'cus_9', '', 'K'.repeat(256)][
          (at * 3 + seed) % 7
        ],
        ['Ann', '', 'Zo\u00eb\u00a0 B'][at % 3],
        ['Lee', '', ' Ng'][(at + seed) % 3],
        ['', 'not one', 'A@b.cd'][(at * 2) % 3],
        ['second@x.org', ''][at % 2],
        `k${(at * 3 + seed) % 23}`,
        [
          '3/4/2026 7:05',
          '2026-03-29 01:30',
          '2026-10-25T01:30:00',
          '13/13/2026 1:00',
          '2026-04-04',
          '2026-04-01T23:59:59.999999+14:00',
        ][(at + seed) % 6],
        ['1.234,50', '12.34', '1.000', '-,5', '9.999.999.999,99', '1e2', ''][(at * 5 + seed) % 7],
        ['', '0,005', 'x', '1'][(at * 3) % 4],
        ['eur', 'USD', 'XXX', 'aud', ''][(at * 7) % 5],
        ['', '1', '2026-03-29T01:30:00', '2026-10-25 01:30', 'never'][(at * 11) % 5],
      ].join(';'),
    ),
  ].join('\r\n');

const lines = (seed: number): string =>
  [
    'Invoice,Customer,When,Qty,Price,Note',
    ...Array.from({ length: 90 }, (_, at) =>
      [
        ['i1', 'i2', 'i3', 'i4', 'i5', '', 'i6', 'i7'][(at * 3 + seed) % 8],
        ['11', '', '12', '13.0', 'x'][(at + seed) % 5],
        ['', '2026-04-01', '2026-04-02'][(at * 2 + seed) % 3],
        ['1', '3', '-1', '', '0.333333'][(at * 7) % 5],
        ['0.005', '2.5', '1e3', at === 40 ? 'bad' : '7', '999999999999'][
          (at * 3) % (at % 9 === 0 ? 5 : 4)
        ],
        at % 17 === 0 ? 'a,b' : '"a"',
      ].join(','),
    ),
  ].join('\n');

/** Files of ten megabytes take DuckDB a second and Spark a minute. */
const LONGEST = 1 << 21;

const column = (name: string) => ({ kind: 'column' as const, column: name });
const format = { decimal: '.', thousands: '' } as const;
const NO_ID = { purchase_id: null, first_name: null, last_name: null, email: null };

/**
 * The same nasty files for every engine: each object is a case, and so are gold and the registry of
 * keys.
 */
export const CORPUS: OracleInput = {
  ...plainLake([
    ...MAIN,
    object('keyed/2026-04-05/a.csv', keyed(1)),
    object('keyed/2026-04-06/b.csv', keyed(2)),
    object('lines/2026-04-05/a.csv', lines(1)),
    object('lines/2026-04-05/b.csv', lines(2)),
    object(
      'tills/2026-04-05/a.txt',
      Buffer.from(
        'customer_id|purchase_date|amount|minus\n1|2026-04-01|1|\n2|2026-04-02|5|\xa01\n1|2026-04-01|1|\n\xff|\xe9|2|x|\n3|2026-04-01||1',
        'latin1',
      ),
    ),
    object(
      'tills/2026-04-06/a.txt',
      Buffer.from(
        'customer_id|purchase_date|amount|minus|currency\n1|2026-04-01|1||usd\n2|2026-04-02|5|1|\n',
        'latin1',
      ),
    ),
    ...HOSTILE.filter(({ content }) => content.length < LONGEST).map((file) =>
      object(
        `hostile/2026-04-03/${file.name}.${file.ending}`,
        Buffer.isBuffer(file.content) ? file.content : Buffer.from(file.content),
      ),
    ),
  ]),
  registry: new Map([['cus_9', 1_000_000_500]]),
  sources: [
    handSource({
      match: 'shop/**',
      deletes: ['voided'],
      fields: { updated_at: 'updated_at', operation: 'operation' },
      dateFormats: ['M/d/yyyy H:mm', 'dd MMM yy'],
    }),
    handSource({
      name: 'keyed',
      match: 'keyed/**',
      format: { decimal: ',', thousands: '.', delimiter: ';' },
      timeZone: 'Europe/London',
      dateFormats: ['d/M/yyyy H:mm'],
      fields: {
        customer_key: 'key',
        purchase_id: 'id',
        purchase_date: 'Day',
        currency: 'money',
        updated_at: 'CHANGED',
        first_name: null,
        last_name: null,
        amount: {
          kind: 'sum',
          terms: [column('total')].map(({ column: name }) => ({ column: name })),
          minus: ['fee'],
        },
        full_name: { kind: 'concat', columns: ['given', 'family'], separator: ' ' },
        email: { kind: 'coalesce', columns: ['mail', 'other_mail'] },
      },
    }),
    handSource({
      name: 'lines',
      match: 'lines/**',
      rows: 'lines',
      fields: {
        ...NO_ID,
        purchase_id: 'invoice',
        customer_id: 'customer',
        purchase_date: 'when',
        currency: { kind: 'constant', value: 'USD' },
        amount: { kind: 'product', factors: [{ column: 'qty' }, { column: 'price' }] },
      },
    }),
    handSource({
      name: 'tills',
      match: 'tills/**',
      format: { ...format, encoding: 'latin1' },
      defaultCurrency: 'EUR',
      fields: {
        ...NO_ID,
        amount: { kind: 'sum', terms: [{ column: 'amount' }, { number: '1' }], minus: ['minus'] },
      },
    }),
    handSource({
      name: 'hostile1',
      match: 'hostile/**/*.latin1.csv',
      format: { ...format, encoding: 'latin1' },
    }),
    handSource({
      name: 'hostile2',
      match: 'hostile/**/*.cp1252.csv',
      format: { ...format, encoding: 'windows-1252' },
    }),
    handSource({ name: 'hostile', match: 'hostile/**' }),
  ],
};
