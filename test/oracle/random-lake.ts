import fc from 'fast-check';
import { type SourcePlan, ZONES, sourcePlan } from './random-source.ts';
import { extras } from './random-values.ts';
import type { OracleInput, OracleObject, OracleRate } from './types.ts';
import {
  type ByteSpoil,
  type ByteStyle,
  type RowSpoil,
  type WrittenRow,
  store,
  writeCsv,
  writeJson,
} from './write-objects.ts';

type RandomLakeOptions = {
  /** The most objects that a source has; 4 unless said. */
  maxObjects?: number;
  /** The most rows that an object has; 8 unless said. */
  maxRows?: number;
  /** Whether rows and objects are spoiled as such (not only their values); true unless said. */
  spoiled?: boolean;
};

const FOLDERS = [
  '2026/04/03/',
  '2026/04/04/',
  '2026-04-04/',
  'year=2026/month=04/day=05/',
  'ingestion_date=2026-04-02/',
  '',
  '2026/02/30/',
  '2026-02-30/2026-04-03/',
  'Drop-2026-04-06T01/',
  'a b/é+%20/',
];
/** The last second and the first of a day in Sydney, and times between. */
const TIMES = [
  1_775_221_199, 1_775_221_200, 1_775_300_000, 1_775_307_599, 1_775_307_600, 1_775_400_000,
];
const CSV_ENDINGS = ['csv', 'tsv', 'txt', 'CSV'];
const JSON_ENDINGS = ['json', 'jsonl', 'ndjson', 'Json'];

const headerStyle = fc.constantFrom<(name: string) => string>(
  (name) => name,
  (name) => name,
  (name) => name.toUpperCase(),
  (name) => ` ${name.replaceAll(/[ _]/g, ' - ')} `,
  (name) => name.replaceAll(/[ -]/g, '_').toLowerCase(),
);

function rarely<T>(usual: T, ...others: T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 30, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}

function usually<T>(usual: T, ...others: T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}

const rowSpoil: fc.Arbitrary<RowSpoil> = rarely<RowSpoil>(
  'none',
  'short',
  'long',
  'open quote',
  'late quote',
  'blank line',
  'doubled key',
  'deep',
  'half pair',
  'garbage',
  'no object',
);
const byteSpoil: fc.Arbitrary<ByteSpoil> = rarely<ByteSpoil>(
  'none',
  'bad encoding',
  'truncated gzip',
  'empty',
  'header only',
  'open array',
);

function rowsOf(
  plan: SourcePlan,
  { maxRows = 8, spoiled = true }: RandomLakeOptions,
): fc.Arbitrary<WrittenRow[]> {
  const pools = [...plan.columns.map((column) => column.pool), extras];
  const one = fc.record({
    values: fc.tuple(...pools),
    bare: fc.boolean(),
    spoil: spoiled ? rowSpoil : fc.constant<RowSpoil>('none'),
  });
  // A row now and then is there twice.
  return fc
    .array(fc.tuple(one, usually(1, 2)), { maxLength: maxRows })
    .map((rows) =>
      rows.flatMap(([row, times]) => Array.from({ length: times }, () => row)).slice(0, maxRows),
    );
}

const style = fc.record({
  kind: fc.constantFrom<'csv' | 'json'>('csv', 'csv', 'json'),
  csv: fc.record({
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    newline: fc.constantFrom('\n', '\r\n', '\r'),
    quoteAll: fc.boolean(),
    lastNewline: fc.boolean(),
    leadingBlank: rarely(false, true),
  }),
  json: fc.record({
    shape: fc.constantFrom<'array' | 'lines'>('array', 'lines'),
    newline: fc.constantFrom('\n', '\r\n', '\r'),
    spaced: fc.boolean(),
    leaveOutBlank: fc.boolean(),
  }),
  unicode: fc.constantFrom<ByteStyle['encoding']>(
    'utf-8',
    'utf-8',
    'utf-8 bom',
    'utf-16le',
    'utf-16be',
  ),
  asDeclared: fc.boolean(),
  gzip: fc.oneof(
    { weight: 3, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  header: headerStyle,
  ending: fc.nat({ max: 3 }),
  columns: rarely<'whole' | 'one short' | 'one twice'>('whole', 'one short', 'one twice'),
  turn: fc.nat({ max: 12 }),
});

type Style = typeof style extends fc.Arbitrary<infer T> ? T : never;

/** Declared encodings are used half the time; a byte order mark must beat them the other half. */
function encodingOf({ unicode, asDeclared }: Style, { source }: SourcePlan): ByteStyle['encoding'] {
  const declared = source.format.encoding;
  if (declared === undefined || declared === 'utf-8') return unicode;
  if (asDeclared) return declared;
  return unicode === 'utf-8' ? 'utf-8 bom' : unicode;
}

/** Turned columns stay with their values: only the order of the file changes. */
function turned<T>(list: T[], by: number): T[] {
  const at = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

function textOf(plan: SourcePlan, look: Style, rows: WrittenRow[], spoil: ByteSpoil): string {
  const names = [...plan.columns.map((column) => look.header(column.name)), 'remark'];
  const isTwice = look.columns === 'one twice' && look.kind === 'csv';
  const from = look.columns === 'one short' ? 1 : 0;
  const arranged = <T>(list: T[]): T[] =>
    turned([...list.slice(from), ...(isTwice ? list.slice(0, 1) : [])], look.turn);
  const header = arranged(names);
  // A bare JSON number knows no declared marks, so such sources quote theirs here too.
  const isPlain = plan.source.format.decimal === '.' && plan.source.format.thousands === '';
  const written = spoil === 'header only' ? [] : rows;
  const body = written.map((row) => ({
    ...row,
    bare: row.bare && isPlain,
    values: arranged(row.values),
  }));
  if (spoil === 'empty') return '';
  if (look.kind === 'csv') return writeCsv(header, body, look.csv);
  const text = writeJson(header, body, look.json);
  return spoil === 'open array' && look.json.shape === 'array' ? text.slice(0, -1) : text;
}

function objectOf(
  plan: SourcePlan,
  index: number,
  options: RandomLakeOptions,
): fc.Arbitrary<OracleObject> {
  return fc
    .record({
      look: style,
      rows: rowsOf(plan, options),
      spoil: (options.spoiled ?? true) ? byteSpoil : fc.constant<ByteSpoil>('none'),
      folder: fc.constantFrom(...FOLDERS),
      modified: fc.constantFrom(...TIMES),
    })
    .map(({ look: drawn, rows, spoil, folder, modified }) => {
      const look = (options.spoiled ?? true) ? drawn : { ...drawn, columns: 'whole' as const };
      const ending = (look.kind === 'csv' ? CSV_ENDINGS : JSON_ENDINGS)[look.ending] ?? 'csv';
      const key = `${plan.source.name}/${folder}part-${index}.${ending}${look.gzip ? '.gz' : ''}`;
      const bytes = store(
        textOf(plan, look, rows, spoil),
        { encoding: encodingOf(look, plan), gzip: look.gzip },
        spoil,
      );
      return { key, modified, bytes };
    });
}

/** The same content under a second name of the same kind: its rows are versions of the same purchases. */
function copyOf(object: OracleObject): OracleObject {
  const key = object.key.replace(/part-/, 'copy-of-part-');
  return { ...object, key, modified: object.modified + 1 };
}

function objectsOf(plan: SourcePlan, options: RandomLakeOptions): fc.Arbitrary<OracleObject[]> {
  const { maxObjects = 4 } = options;
  return fc
    .integer({ min: 1, max: maxObjects })
    .chain((count) =>
      fc.tuple(...Array.from({ length: count }, (_, index) => objectOf(plan, index, options))),
    )
    .chain((objects) =>
      usually(0, 1).map((copies) => [...objects, ...objects.slice(0, copies).map(copyOf)]),
    );
}

const stray: fc.Arbitrary<OracleObject[]> = rarely<OracleObject[]>(
  [],
  [{ key: 'elsewhere/x.csv', modified: 1_775_300_000, bytes: Buffer.from('a,b\n1,2\n') }],
  [{ key: 'shop/readme.pdf', modified: 1_775_300_000, bytes: Buffer.from('%PDF') }],
);

/** Always there, so that most purchases in them have a rate; what is drawn besides leaves gaps. */
const KEPT_RATES: OracleRate[] = [
  { currency: 'USD', rate_date: '2026-03-27', rate: '1.550000000000' },
  { currency: 'EUR', rate_date: '2026-03-27', rate: '1.650000000000' },
  { currency: 'EUR', rate_date: '2026-04-02', rate: '1.660000000005' },
];

function isKept({ currency, rate_date }: OracleRate): boolean {
  return KEPT_RATES.some((rate) => rate.currency === currency && rate.rate_date === rate_date);
}

const rates: fc.Arbitrary<OracleRate[]> = fc
  .uniqueArray(
    fc.record({
      currency: fc.constantFrom('USD', 'EUR', 'JPY'),
      rate_date: fc.constantFrom(
        '2026-03-20',
        '2026-03-27',
        '2026-03-31',
        '2026-04-01',
        '2026-04-03',
      ),
      rate: fc.constantFrom(
        '1.500000000000',
        '1.612345678905',
        '0.009876543215',
        '0.000000000001',
        '999999.999999999999',
      ),
    }),
    { selector: (rate) => `${rate.currency} ${rate.rate_date}`, minLength: 4, maxLength: 12 },
  )
  .map((list) => [...list.filter((rate) => !isKept(rate)), ...KEPT_RATES]);

/**
 * Random lakes, small enough to be understood when they shrink: up to three sources with mappings of every
 * kind, a few objects each, few purchases and customers, so that versions collide.
 */
export function randomLake(options: RandomLakeOptions = {}): fc.Arbitrary<OracleInput> {
  const plans = fc
    .integer({ min: 1, max: 3 })
    .chain((count) => fc.tuple(...['shop', 'till', 'web'].slice(0, count).map(sourcePlan)));
  return plans.chain((chosen) =>
    fc
      .record({
        objects: fc.tuple(...chosen.map((plan) => objectsOf(plan, options)), stray),
        timeZone: fc.oneof(fc.constant('Australia/Sydney'), fc.constantFrom(...ZONES)),
        rates,
        maxAgeDays: usually(7, 1, 0),
        maxQuarantinedShare: usually(1, 0.5, 0.2, 0),
        maxInflation: fc.constant(200),
        firstCustomerId: fc.constantFrom(1_000_000_001, 1_000_000_001, 5000),
        registry: fc
          .constantFrom<[string, number][]>([], [], [['cus_1', 1_000_000_007]])
          .map((known) => new Map(known)),
      })
      .map((lake) => ({
        ...lake,
        sources: chosen.map((plan) => plan.source),
        objects: lake.objects.flat(),
      })),
  );
}
