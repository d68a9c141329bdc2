import fc from 'fast-check';
import { rarely, usually } from './draw.ts';
import type { SourcePlan } from './random-source.ts';
import { extras } from './random-values.ts';
import type { OracleObject } from './types.ts';
import {
  type ByteSpoil,
  type ByteStyle,
  type RowSpoil,
  type WrittenRow,
  store,
  writeCsv,
  writeJson,
} from './write-objects.ts';

export type RandomLakeOptions = {
  /** Maximum number of objects per source; default 4. */
  maxObjects?: number;
  /** Maximum number of rows per object; default 8. */
  maxRows?: number;
  /**
   * How many lakes are combined: each object occurs as often, with its own rows in the same layout;
   * default 1.
   */
  width?: number;
  /** True if rows and objects are spoiled as such (not only their values); default true. */
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
  // Now and then a row is duplicated.
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
    newline: fc.constantFrom('\n', '\r\n', '\r', 'mixed'),
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
  ending: fc.nat({ max: 7 }),
  columns: rarely<'whole' | 'one short' | 'one twice'>('whole', 'one short', 'one twice'),
  turn: fc.nat({ max: 12 }),
});

type Style = typeof style extends fc.Arbitrary<infer T> ? T : never;

/**
 * Declared encodings are used half the time; in the other half a byte order mark must take
 * precedence.
 */
function encodingOf({ unicode, asDeclared }: Style, { source }: SourcePlan): ByteStyle['encoding'] {
  const declared = source.format.encoding;
  if (declared === undefined || declared === 'utf-8') return unicode;
  if (asDeclared) return declared;
  return unicode === 'utf-8' ? 'utf-8 bom' : unicode;
}

/** Reordered columns keep their values: only their order in the file changes. */
function turned<T>(list: T[], by: number): T[] {
  const at = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/** The columns as this file has them: now and then one is missing or duplicated. */
function arranger({ columns, kind, turn }: Style): <T>(list: T[]) => T[] {
  return (list) => {
    const odd = turn % list.length;
    const isTwice = columns === 'one twice' && kind === 'csv';
    const kept = columns === 'one short' ? list.filter((_, index) => index !== odd) : list;
    return turned([...kept, ...(isTwice ? list.slice(odd, odd + 1) : [])], turn);
  };
}

function textOf(plan: SourcePlan, look: Style, rows: WrittenRow[], spoil: ByteSpoil): string {
  if (spoil === 'empty') return '';
  const { format } = plan.source;
  const arranged = arranger(look);
  const header = arranged([...plan.columns.map((column) => look.header(column.name)), 'remark']);
  // A bare JSON number ignores declared marks, so such sources quote theirs here too.
  const isPlain = format.decimal === '.' && format.thousands === '';
  const body = (spoil === 'header only' ? [] : rows).map((row) => ({
    ...row,
    bare: row.bare && isPlain,
    values: arranged(row.values),
  }));
  if (look.kind === 'csv') {
    const delimiter = format.delimiter ?? look.csv.delimiter;
    return writeCsv(header, body, { ...look.csv, delimiter });
  }
  const text = writeJson(header, body, look.json);
  return spoil === 'open array' && look.json.shape === 'array' ? text.slice(0, -1) : text;
}

/** A declared type takes precedence over the extension, so any extension will do. */
function endingOf({ kind, ending }: Style, { source }: SourcePlan): string {
  const endings = kind === 'csv' ? CSV_ENDINGS : JSON_ENDINGS;
  const all = source.format.type === undefined ? endings : [...JSON_ENDINGS, ...CSV_ENDINGS];
  return all[ending % all.length] ?? 'csv';
}

/**
 * An object of each of the combined lakes: all in one layout, so that an engine reads them with one
 * statement.
 */
function objectsInLook(
  plan: SourcePlan,
  index: number,
  options: RandomLakeOptions,
): fc.Arbitrary<OracleObject[]> {
  const { width = 1, spoiled = true } = options;
  const one = fc.record({
    rows: rowsOf(plan, options),
    spoil: spoiled ? byteSpoil : fc.constant<ByteSpoil>('none'),
    folder: fc.constantFrom(...FOLDERS),
    modified: fc.constantFrom(...TIMES),
  });
  return fc
    .record({
      look: style,
      each: fc.array(one, { minLength: width, maxLength: width }),
      isOfOneDay: fc.boolean(),
    })
    .map(({ look: drawn, each, isOfOneDay }) => {
      const columns = spoiled ? drawn.columns : 'whole';
      const look: Style = { ...drawn, columns, kind: plan.source.format.type ?? drawn.kind };
      const ending = `${endingOf(look, plan)}${look.gzip ? '.gz' : ''}`;
      return each.map(({ rows, spoil, ...place }, lake) => {
        const { folder, modified } = isOfOneDay ? (each[0] ?? place) : place;
        const key = `${plan.source.name}/${folder}part-${index}${lake === 0 ? '' : `-${lake}`}.${ending}`;
        const bytes = store(
          textOf(plan, look, ofLake(plan, rows, lake), spoil),
          { encoding: encodingOf(look, plan), gzip: look.gzip },
          spoil,
        );
        return { key, modified, bytes };
      });
    });
}

/** Purchases of one lake are not versions of another's: the columns of their ids name the lake. */
function ofLake({ source, columns }: SourcePlan, rows: WrittenRow[], lake: number): WrittenRow[] {
  const rule = source.fields.purchase_id;
  const ids = rule?.kind === 'column' ? [rule.column] : rule?.kind === 'concat' ? rule.columns : [];
  const isId = columns.map(({ name }) => lake > 0 && ids.includes(name));
  return rows.map((row) => ({
    ...row,
    values: row.values.map((value, at) =>
      isId[at] === true && value.trim() !== '' ? `${value}~${lake}` : value,
    ),
  }));
}

/**
 * The same content under a second name of the same kind: its rows are versions of the same
 * purchases.
 */
function copyOf(object: OracleObject): OracleObject {
  const key = object.key.replace(/part-/, 'copy-of-part-');
  return { ...object, key, modified: object.modified + 1 };
}

/** A few objects of a source, and sometimes a copy of the first. */
export function objectsOf(
  plan: SourcePlan,
  options: RandomLakeOptions,
): fc.Arbitrary<OracleObject[]> {
  const { maxObjects = 4 } = options;
  return fc
    .integer({ min: 1, max: maxObjects })
    .chain((count) =>
      fc.tuple(...Array.from({ length: count }, (_, index) => objectsInLook(plan, index, options))),
    )
    .map((objects) => objects.flat())
    .chain((objects) =>
      usually(0, 1).map((copies) => [...objects, ...objects.slice(0, copies).map(copyOf)]),
    );
}
