import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { csv, handOracle, type HandSource, type HandObject } from './hand-lake.ts';
import { readCsv } from './csv.ts';
import { parseJson, readJson } from './json.ts';

function reportOf(key: string, content: HandObject, source: HandSource = {}, maxInflation = 200) {
  const out = handOracle({ objects: { [key]: content }, source, maxInflation });
  const { status, reason, rows } = out.objects.get(key) ?? {};
  return { status, reason, read: rows?.read, accepted: rows?.accepted, out };
}

function fields(text: string, delimiter?: string): (string[] | string)[] {
  const table = readCsv(text, delimiter);
  if (table === null || table === 'unreadable') return [];
  return table.rows.map((row) => ('fields' in row ? row.fields : `! ${row.malformed}`));
}

const ROW = '1,p,2026-01-31,10,AUD';

describe('delimited text', () => {
  test('the delimiter is the one that gives the header the most columns, the earlier of equals', () => {
    expect(fields('a;b,c;d\n1;2,3;4')).toEqual([['1', '2,3', '4']]);
    expect(fields('a;b,c\n1;2,3')).toEqual([['1;2', '3']]);
    expect(fields('"a,b,c"|d\n1|2')).toEqual([['1', '2']]);
    expect(fields('a\tb\n1\t2')).toEqual([['1', '2']]);
    expect(fields('a,b,c;d\n1;2', ';')).toEqual([['1', '2']]);
  });

  test('LF, CRLF and CR end a line, mixed too, and the last line needs no end', () => {
    expect(fields('a,b\r\n1,2\n3,4\r5,6')).toEqual([
      ['1', '2'],
      ['3', '4'],
      ['5', '6'],
    ]);
  });

  test('quoted fields hold delimiters, line ends and doubled quotes', () => {
    expect(fields('a,b\n"1,""x""","2\r\n3"\n4,5')).toEqual([
      ['1,"x"', '2\r\n3'],
      ['4', '5'],
    ]);
  });

  test('a quote inside an unquoted field is text', () => {
    expect(fields('a,b\n1"2,x "y" z')).toEqual([['1"2', 'x "y" z']]);
  });

  test('a malformed row costs one line: too few fields, too many, a quote closed wrongly or never', () => {
    expect(fields('a,b\n1\n1,2,\n"x"y,2\n3,4\n"open,5\n6,7')).toEqual([
      '! 1',
      '! 1,2,',
      '! "x"y,2',
      ['3', '4'],
      '! "open,5',
      ['6', '7'],
    ]);
  });

  test('a malformed row that spans lines is its first line, and reading resumes at the next', () => {
    expect(fields('a,b\n"1\n2",3,4\n5,6')).toEqual(['! "1', '! 2",3,4', ['5', '6']]);
  });

  test('lines of blanks and tabs are not rows, a lone pair of quotes is one', () => {
    expect(fields('\n \t\na\n\n""\n \nx\n')).toEqual([[''], ['x']]);
    expect(fields('a\tb\n\t\n1\t2')).toEqual([['1', '2']]);
    expect(fields('a,b\n,\n')).toEqual([['', '']]);
  });

  test('rows are numbered from the first after the header, malformed ones counted, blank lines not', () => {
    const out = handOracle({
      objects: { 'a.csv': csv('', ROW, 'bad', '  ', '2,q,2026-01-31,x,AUD') },
    });
    expect(out.versions.map((one) => one.row_number)).toEqual([1]);
    expect(out.quarantine).toEqual([
      { key: 'a.csv', row_number: 2, reasons: ['row_malformed'] },
      { key: 'a.csv', row_number: 3, reasons: ['amount_invalid'] },
    ]);
  });
});

describe('JSON', () => {
  test('an array of objects, one object a line, or one object over several lines', () => {
    const object = `{"customer_id":1,"purchase_id":"p","purchase_date":"2026-01-31",\n"amount":1.10,"currency":"AUD"}`;
    expect(reportOf('a.json', object)).toMatchObject({ read: 1, accepted: 1 });
    expect(reportOf('a.json', ` [${object},\n5]`)).toMatchObject({ read: 2, accepted: 1 });
    const line = object.replace('\n', '');
    expect(reportOf('a.jsonl', `${line}\r\n \t\r${line.replace('"p"', '"q"')},\n`)).toMatchObject({
      read: 2,
      accepted: 1,
    });
    expect(reportOf('a.json', '')).toMatchObject({ status: 'read', read: 0 });
    expect(reportOf('a.json', '[]')).toMatchObject({ status: 'read', read: 0 });
  });

  test('numbers keep their spelling, and bare NaN is left for the field to reject', () => {
    expect(parseJson('[1.10, 1E2, -0, 0.10000000000000000000000001, NaN, -Infinity]')).toEqual({
      kind: 'array',
      items: ['1.10', '1E2', '-0', '0.10000000000000000000000001', 'NaN', '-Infinity'].map(
        (text) => ({ kind: 'bare', text }),
      ),
    });
    const { out } = reportOf(
      'a.json',
      '{"customer_id":1,"purchase_id":1.0,"purchase_date":"2026-01-31","amount":NaN,"currency":"AUD"}',
    );
    expect(out.quarantine[0]?.reasons).toEqual(['amount_invalid']);
  });

  test.each([
    '{"a":1,}',
    '{"a":01}',
    '{"a":.5}',
    '{"a":1.}',
    '{"a":+1}',
    "{'a':1}",
    '{"a":1} x',
    '{"a":"\t"}',
    '{"a":"\\x"}',
    '{"a":tru}',
    '{a:1}',
    '{"a" 1}',
    '{"a":1',
    '{"a":\u00a01}',
    '{"a":nullx}',
    '5',
    'null',
    '[{"a":1}',
  ])('%s is no row', (text) => {
    const rows = readJson(text);
    expect(rows === 'unreadable' || rows.every((row) => row === null)).toBe(true);
  });

  test('a duplicate key, half a surrogate pair and more than 8 levels make a row malformed', () => {
    const nested = (levels: number): string =>
      `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    const rows = readJson(
      [
        '{"a":1,"a":2}',
        '{"a":{"b":1,"b":1}}',
        '{"a":"\\ud83d"}',
        '{"\\ude00":1}',
        nested(9),
        '{"a":"\\ud83d\\ude00"}',
        nested(8),
      ].join('\n'),
    );
    expect(rows === 'unreadable' ? rows : rows.map((row) => row !== null)).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  test('a broken array is an unreadable object, a broken line only a rejected row', () => {
    expect(reportOf('a.json', '[{"a":1},')).toMatchObject({ reason: 'file_unreadable', read: 0 });
    const broken = reportOf('a.jsonl', '{"a":1,\n');
    expect(broken).toMatchObject({ status: 'read', read: 1 });
    expect(broken.out.quarantine[0]?.reasons).toEqual(['row_malformed']);
  });

  test('a mapping may address nested fields', () => {
    const { out } = reportOf(
      'a.json',
      '{"Customer-ID":1,"purchase_id":true,"purchase_date":"2026-01-31","amount":1,"currency":"AUD","customer":{"E Mail":"a@b.c"}}',
      { fields: { email: 'customer.e_mail' } },
    );
    expect(out.versions[0]).toMatchObject({
      email: 'a@b.c',
      customer_id: '1',
      purchase_id: 'true',
    });
  });

  test('a JSON key exists if any row has it, and currency, updated_at and operation may be missing everywhere', () => {
    const row = '{"customer_id":1,"purchase_id":"p","purchase_date":"2026-01-31","amount":1}';
    const source: HandSource = { fields: { updated_at: 'at', operation: 'op' } };
    const { out, status } = reportOf('a.jsonl', `${row}\n{"purchase_id":null}\n`, source);
    expect(status).toBe('read');
    expect(out.quarantine[0]?.reasons).toEqual(['currency_missing']);
    expect(reportOf('a.jsonl', row.replace('"amount"', '"sum"'))).toMatchObject({
      reason: 'schema_mismatch',
    });
  });
});

describe('bytes', () => {
  const text = csv('1,ü,2026-01-31,10,AUD');
  const bom = (encoding: BufferEncoding): Buffer => Buffer.from(`\ufeff${text}`, encoding);

  test.each([
    ['UTF-8', Buffer.from(text, 'utf8'), undefined],
    ['UTF-8 with BOM', bom('utf8'), undefined],
    ['UTF-16 little-endian by BOM', bom('utf16le'), undefined],
    ['UTF-16 big-endian by BOM', bom('utf16le').swap16(), undefined],
    ['latin1 declared', Buffer.from(text, 'latin1'), 'latin1'],
    ['windows-1252 declared', Buffer.from(text, 'latin1'), 'windows-1252'],
    ['a BOM that beats the declaration', bom('utf8'), 'latin1'],
  ] as const)('%s is read', (_, bytes, encoding) => {
    const format = {
      decimal: '.',
      thousands: '',
      ...(encoding === undefined ? {} : { encoding }),
    } as const;
    expect(reportOf('a.csv', bytes, { format }).out.versions[0]?.purchase_id).toBe('ü');
  });

  test('0x80 is a control character in latin1 and the euro sign in windows-1252', () => {
    const bytes = Buffer.from(text.replace('ü', 'x\u0080x'), 'latin1');
    const idIn = (encoding: 'latin1' | 'windows-1252'): string | undefined =>
      reportOf('a.csv', bytes, { format: { decimal: '.', thousands: '', encoding } }).out
        .versions[0]?.purchase_id;
    expect(idIn('latin1')).toBe('x\u0080x');
    expect(idIn('windows-1252')).toBe('x€x');
  });

  test('invalid bytes for the encoding and a truncated gzip make the object unreadable', () => {
    expect(reportOf('a.csv', Buffer.from(text, 'latin1'))).toMatchObject({
      reason: 'file_unreadable',
      read: 0,
    });
    expect(reportOf('a.csv', Buffer.concat([bom('utf16le'), Buffer.from('x')]))).toMatchObject({
      reason: 'file_unreadable',
    });
    const zipped = gzipSync(text);
    expect(reportOf('a.CSV.GZ', zipped)).toMatchObject({ status: 'read', accepted: 1 });
    expect(reportOf('a.csv.gz', zipped.subarray(0, -5))).toMatchObject({
      reason: 'file_unreadable',
    });
    const flipped = Buffer.from(zipped);
    flipped[flipped.length - 6]! ^= 1;
    expect(reportOf('a.csv.gz', flipped)).toMatchObject({ reason: 'file_unreadable' });
  });

  test('a gzip that inflates too much is unreadable', () => {
    const zipped = gzipSync(text + '\n'.repeat(20_000));
    expect(reportOf('a.csv.gz', zipped)).toMatchObject({ status: 'read' });
    expect(reportOf('a.csv.gz', zipped, {}, 20)).toMatchObject({ reason: 'file_unreadable' });
  });
});
