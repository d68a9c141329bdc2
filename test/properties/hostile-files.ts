import { gzipSync } from 'node:zlib';

/**
 * A file as a shop may send it, and its expected outcome: accepted rows, the raw text of rejected
 * rows, or the reason why nothing is read.
 */
export type HostileFile = {
  name: string;
  ending: string;
  content: string | Buffer;
  accepted: number;
  raw?: string[];
  refused?: 'file_unreadable' | 'schema_mismatch';
};

const HEAD = ['customer_id', 'purchase_id', 'purchase_date', 'amount', 'currency', 'first_name'];
const good = (id: string, name = 'Ann'): string[] => ['1', id, '2026-04-01', '10.50', 'AUD', name];
const joined = (...rows: readonly string[][]): string =>
  rows.map((row) => row.join(',')).join('\n');
const json = (id: string, more: string): string =>
  `{"customer_id":1,"purchase_id":"${id}","purchase_date":"2026-04-01","amount":10.50,"currency":"AUD",${more}}`;

/** Rows of so many columns: two good ones, and one that lacks a field between them. */
function wide(columns: number, name: string): Pick<HostileFile, 'content' | 'accepted' | 'raw'> {
  const more = Array.from({ length: columns - HEAD.length }, (_, index) => `c${index}`);
  const short = [...good('short'), ...more.slice(1)];
  const rows = [[...HEAD, ...more], [...good('a', name), ...more], short, [...good('b'), ...more]];
  return { content: joined(...rows), accepted: 2, raw: [short.join(',')] };
}

const LONG = 10 << 20;
const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const utf16 = (text: string, mark: string): Buffer => Buffer.from(`${mark}${text}`, 'utf16le');
const three = joined(HEAD, good('a'), ['1', 'short'], good('b', 'Zo\u00eb'));
const malformedJson = (more: string): Pick<HostileFile, 'content' | 'accepted' | 'raw'> => ({
  content: [json('a', '"x":1'), json('bad', more), json('b', '"x":1')].join('\n'),
  accepted: 2,
  raw: [json('bad', more)],
});

const WIDE: HostileFile[] = [
  { name: '1,001 columns', ending: 'csv', ...wide(1_001, 'Ann') },
  { name: '1,001 columns with quotes', ending: 'csv', ...wide(1_001, '"Ann ""A"", Lee"') },
  { name: '100,000 columns', ending: 'csv', ...wide(100_000, 'Ann') },
  { name: '100,000 columns with quotes', ending: 'csv', ...wide(100_000, '"Ann\nLee"') },
];

const LONG_ONES: HostileFile[] = [
  {
    name: 'a field of 10 MB',
    ending: 'csv',
    content: joined(HEAD, good('a', 'x'.repeat(LONG)), good('b')),
    accepted: 2,
  },
  {
    name: 'a field of 10 MB in quotes, on many lines',
    ending: 'csv',
    content: joined(HEAD, good('a', `"${'x,\n'.repeat(LONG / 3)}"`), good('b')),
    accepted: 2,
  },
  {
    name: 'a short row of 10 MB',
    ending: 'csv',
    content: joined(HEAD, good('a'), ['x'.repeat(LONG)], good('b', '"Lee"')),
    accepted: 2,
    raw: ['x'.repeat(LONG)],
  },
  {
    name: 'a line of 10 MB of blanks',
    ending: 'csv',
    content: [HEAD.join(','), good('a').join(','), ' '.repeat(LONG), good('b').join(',')].join(
      '\n',
    ),
    accepted: 2,
  },
  {
    name: 'a name of a column of 10 MB',
    ending: 'csv',
    content: joined([...HEAD, 'x'.repeat(LONG)], [...good('a'), ''], ['short'], [...good('b'), '']),
    accepted: 2,
    raw: ['short'],
  },
  {
    name: 'a string of 10 MB',
    ending: 'ndjson',
    content: [json('a', `"first_name":"${'x'.repeat(LONG)}"`), json('b', '"x":1')].join('\n'),
    accepted: 2,
  },
];

const DEEP: HostileFile[] = [
  { name: '8 levels', ending: 'ndjson', content: json('a', `"x":${deep(7)}`), accepted: 1 },
  { name: '9 levels', ending: 'ndjson', ...malformedJson(`"x":${deep(8)}`) },
  { name: '100,000 levels', ending: 'ndjson', ...malformedJson(`"x":${deep(100_000)}`) },
  { name: 'a key twice', ending: 'ndjson', ...malformedJson('"x":1,"x":1') },
  { name: 'a key twice by an escape', ending: 'ndjson', ...malformedJson('"x":1,"\\u0078":2') },
  { name: 'a key twice inside', ending: 'ndjson', ...malformedJson('"x":[{"y":{"z":1,"z":2}}]') },
  { name: '__proto__', ending: 'ndjson', content: json('a', '"__proto__":{"x":1}'), accepted: 1 },
  {
    name: 'elements that are no objects',
    ending: 'json',
    content: `[${json('a', '"x":1')}, 7, "x", null, [], ${json('b', '"x":1')}]`,
    accepted: 2,
    raw: ['7', '"x"', 'null', '[]'],
  },
  {
    name: 'an array cut short',
    ending: 'json',
    content: `[${json('a', '"x":1')},`,
    accepted: 0,
    refused: 'file_unreadable',
  },
];

const ENDS: HostileFile[] = [
  {
    name: 'CR',
    ending: 'csv',
    content: three.replaceAll('\n', '\r'),
    accepted: 2,
    raw: ['1,short'],
  },
  {
    name: 'CRLF, LF and CR with blank lines',
    ending: 'csv',
    content:
      joined(HEAD, good('a')).replace('\n', '\r\n') +
      `\r\r1,short\n \t\n${good('b').join(',')}\r\n\n`,
    accepted: 2,
    raw: ['1,short'],
  },
  {
    name: 'a quote that never closes',
    ending: 'csv',
    content: joined(HEAD, good('a'), good('open', '"Ann'), good('b')),
    accepted: 2,
    raw: [good('open', '"Ann').join(',')],
  },
  {
    name: 'a quote closed wrongly, on two lines',
    ending: 'csv',
    content: joined(HEAD, good('a'), good('wrong', '"An\nn"x'), good('b')),
    accepted: 2,
    raw: [good('wrong', '"An').join(','), 'n"x'],
  },
];

const BYTES: HostileFile[] = [
  {
    name: 'UTF-16 little endian',
    ending: 'csv',
    content: utf16(three, '\ufeff'),
    accepted: 2,
    raw: ['1,short'],
  },
  {
    name: 'UTF-16 big endian',
    ending: 'csv',
    content: utf16(three, '\ufeff').swap16(),
    accepted: 2,
    raw: ['1,short'],
  },
  { name: 'a BOM', ending: 'csv', content: `\ufeff${three}`, accepted: 2, raw: ['1,short'] },
  {
    name: 'latin1',
    ending: 'latin1.csv',
    content: Buffer.from(three, 'latin1'),
    accepted: 2,
    raw: ['1,short'],
  },
  {
    name: 'windows-1252',
    ending: 'cp1252.csv',
    content: Buffer.concat([Buffer.from(`${joined(HEAD, good('a'))},`), Buffer.from([0x0a])]),
    accepted: 0,
    raw: [`${good('a').join(',')},`],
  },
  {
    name: 'latin1 that was not declared',
    ending: 'csv',
    content: Buffer.from(three, 'latin1'),
    accepted: 0,
    refused: 'file_unreadable',
  },
  {
    name: 'NUL in a name and in a number',
    ending: 'csv',
    content: joined(HEAD, good('a', 'An\u0000n'), ['\u00001', ...good('b').slice(1)]),
    accepted: 1,
    raw: [`\u0000${good('b').join(',')}`],
  },
  {
    name: 'NUL in a name in quotes',
    ending: 'csv',
    content: joined(HEAD, good('a', '"A\u0000n"'), ['short\u0000'], good('b')),
    accepted: 2,
    raw: ['short\u0000'],
  },
  {
    name: 'the control characters that separate lines from values',
    ending: 'csv',
    content: joined(
      [...HEAD, '\u0001\u0002\u0003\u0004'],
      [...good('a', 'A\u0001\u0002\u0003\u0004n'), ''],
      ['\u0001\u0002\u0003\u0004'],
      ['\u0004\u0003\u0002\u0001'],
      [...good('b'), ''],
    ),
    accepted: 2,
    raw: ['\u0001\u0002\u0003\u0004', '\u0004\u0003\u0002\u0001'],
  },
  {
    name: 'NUL as an escape',
    ending: 'ndjson',
    content: json('a', '"first_name":"A\\u0000n"'),
    accepted: 1,
  },
];

const TABLES: HostileFile[] = [
  { name: 'no bytes', ending: 'csv', content: '', accepted: 0 },
  { name: 'a lone header', ending: 'csv', content: HEAD.join(','), accepted: 0 },
  { name: 'no bytes in gzip', ending: 'csv.gz', content: gzipSync(''), accepted: 0 },
  {
    name: 'lines before the header',
    ending: 'csv',
    content: `Report of April\n\n${three}`,
    accepted: 0,
    refused: 'schema_mismatch',
  },
  {
    name: 'a header of one name of 10 MB',
    ending: 'csv',
    content: `${'\u0000'.repeat(LONG)}\n1\n`,
    accepted: 0,
    refused: 'schema_mismatch',
  },
  {
    name: 'no header',
    ending: 'csv',
    content: joined(good('a'), good('b')),
    accepted: 0,
    refused: 'schema_mismatch',
  },
  {
    name: 'a name of the header twice',
    ending: 'csv',
    content: joined([...HEAD, 'Amount'], [...good('a'), '1']),
    accepted: 0,
    refused: 'schema_mismatch',
  },
  {
    name: 'the header again, then another table',
    ending: 'csv',
    content: joined(HEAD, good('a'), HEAD, good('b'), ['sku', 'stock'], ['x', '1']),
    accepted: 2,
    raw: [HEAD.join(','), 'sku,stock', 'x,1'],
  },
];

export const HOSTILE: readonly HostileFile[] = [
  ...WIDE,
  ...LONG_ONES,
  ...DEEP,
  ...ENDS,
  ...BYTES,
  ...TABLES,
];
