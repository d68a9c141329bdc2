import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { csvSlices, type CsvSlice } from './csv-slices.ts';
import { scanObject, type CsvScan, type Scan, type ScanOptions } from './scan.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'bronze-csv-'));
});
afterAll(() => rm(scratch, { recursive: true }));

let files = 0;
async function scanText(text: string | Buffer, options: Partial<ScanOptions> = {}): Promise<Scan> {
  const path = join(scratch, `${++files}.csv`);
  await writeFile(path, text);
  return scanObject({ path, key: 'a/b.csv', format: {}, maxInflation: 200, scratch, ...options });
}

async function scanCsv(
  text: string | Buffer,
  options: Partial<ScanOptions> = {},
): Promise<CsvScan> {
  const scan = await scanText(text, options);
  if (scan.kind !== 'csv') throw new Error(`expected csv: ${JSON.stringify(scan)}`);
  return scan;
}

type Row = { raw: string; fields: string[] | undefined };

/** Reference implementation: the grammar as one regular expression over the whole text. */
function naiveRows(text: string, columns: number, delimiter: string): Row[] {
  const d = delimiter === '|' ? '\\|' : delimiter === '\t' ? '\\t' : delimiter;
  const field = `(?:"[^"]*(?:""[^"]*)*"|[^"${d}\\r\\n][^${d}\\r\\n]*|)`;
  const good = new RegExp(`^(${field}(?:${d}${field}){${columns - 1}})(?:\\r\\n|\\r|\\n|$(?![^]))`);
  const line = /^([^\r\n]*)(?:\r\n|\r|\n|$(?![^]))/;
  const rows: Row[] = [];
  for (let rest = text; rest !== '';) {
    const match = good.exec(rest);
    const [whole, raw = ''] = match ?? line.exec(rest) ?? [''];
    rest = rest.slice(whole.length);
    const fields =
      match === null
        ? undefined
        : [...(delimiter + raw).matchAll(new RegExp(`${d}(${field})`, 'g'))].map((m) => m[1] ?? '');
    if (!/^[ \t]*$/.test(raw)) rows.push({ raw, fields });
  }
  return rows;
}

const nasty = fc
  .array(
    fc.constantFrom(
      '"',
      '"',
      '""',
      ',',
      ',',
      '\n',
      '\r',
      '\r\n',
      'a',
      'b',
      ' ',
      '\t',
      'é',
      '"x"',
      '"x,y"',
      ',"',
      '",',
      '"\n',
    ),
    {
      maxLength: 60,
    },
  )
  .map((parts) => parts.join(''));

describe('a CSV text is split by the grammar', () => {
  test('rows are those of the naive grammar at any chunk size', async () => {
    await fc.assert(
      fc.asyncProperty(
        nasty,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 40 }),
        async (body, columns, chunkSize) => {
          const header = Array.from({ length: columns }, (_, i) => `c${i}`).join(',');
          const scan = await scanCsv(`${header}\n${body}`, {
            chunkSize,
            format: { delimiter: ',' },
          });
          const rows = naiveRows(body, columns, ',');
          expect(scan.rows).toBe(rows.length);
          expect(scan.quotes).toBe(body.includes('"'));
          const plainQuotes = rows
            .flatMap((row) => row.fields ?? [])
            .some((field) => /^[^"].*"/s.test(field));
          expect(scan.plainQuotes || !plainQuotes).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('slices of whole records hold the same rows as the whole text', async () => {
    await fc.assert(
      fc.asyncProperty(
        nasty,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 60 }),
        async (body, columns, maxBytes) => {
          const header = Array.from({ length: columns }, (_, i) => `c${i}`).join(',');
          const scan = await scanCsv(`${header}\r\n${body}`, { format: { delimiter: ',' } });
          const sliced: Row[] = [];
          for await (const slice of csvSlices(scan, { maxBytes })) {
            const rows = naiveRows(slice.text, columns, ',');
            expect(slice).toMatchObject({ firstRow: sliced.length + 1, rows: rows.length });
            sliced.push(...rows);
          }
          expect(sliced).toEqual(naiveRows(body, columns, ','));
        },
      ),
      { numRuns: 400 },
    );
  });

  test.each([
    ['LF', 'a,b\n1,2\n3,4\n', 2, 'lf'],
    ['CRLF', 'a,b\r\n1,2\r\n3,4\r\n', 2, 'crlf'],
    ['CR alone', 'a,b\r1,2\r3,4\r', 2, 'cr'],
    ['mixed line ends', 'a,b\r\n1,2\n3,4\r5,6', 3, 'mixed'],
    ['CR CR LF: the blank line between is not a row', 'a,b\r\r\n1,2\r\r\n', 1, 'mixed'],
    ['no line end at all', 'a,b', 0, 'none'],
    ['no final line end', 'a,b\n1,2', 1, 'lf'],
    ['a header only', 'a,b\n', 0, 'lf'],
    ['blank lines are not rows', '\n \t\na,b\n\n1,2\n \t \n\n3,4\n\n', 2, 'lf'],
    ['short and long rows', 'a,b\n1\n1,2,3\n1,2\n1,2,\n', 4, 'lf'],
    ['a single quoted empty field is a row', 'a\n""\n', 1, 'lf'],
    ['delimiters alone are a row', 'a,b,c\n,,\n', 1, 'lf'],
    ['an embedded line end', 'a,b\n"1\n2",3\n4,5\n', 2, 'lf'],
    ['an unclosed quote makes its first line malformed', 'a,b\n"1,2\n3,4\n5,6\n', 3, 'lf'],
    ['a quote closed wrongly', 'a,b\n"x"y,2\n"x" ,2\n1,"x\ny"z\n3,4\n', 5, 'lf'],
    ['a blank before a quote makes it text', 'a,b\n1, "x"\n', 1, 'lf'],
    ['a quote inside an unquoted field is text', 'a,b\n5" disk,6"\n', 1, 'lf'],
    ['NUL is text', 'a,b\n\0,2\n', 1, 'lf'],
    ['tabs alone are blank though the delimiter is a tab', 'a\tb\n\t\n1\t2\n', 1, 'lf'],
  ])('%s', async (_, text, rows, lineEnds) => {
    for (const chunkSize of [1, 2, 3, 1 << 20]) {
      expect(await scanCsv(text, { chunkSize })).toMatchObject({ rows, lineEnds });
    }
  });

  test('a field of 5 MB with line ends is one row, in one slice', async () => {
    const field = 'line\n'.repeat(1 << 20);
    const scan = await scanCsv(`a,b\n1,2\n3,"${field}"\n4,5\n`);
    expect(scan).toMatchObject({ rows: 3 });
    expect(scan.longestRow).toBe(field.length + 4);
    const slices: CsvSlice[] = [];
    for await (const slice of csvSlices(scan, { maxBytes: 1 << 20 })) slices.push(slice);
    expect(slices.map((slice) => slice.rows).reduce((a, b) => a + b)).toBe(3);
    expect(slices.map((slice) => slice.text).join('')).toContain(field);
  });

  test('an unclosed quote in a text of 5 MB makes one line malformed', async () => {
    const scan = await scanCsv(`a,b\n1,"x\n${'1,2\n'.repeat(1_250_000)}`);
    expect(scan).toMatchObject({ rows: 1_250_001 });
  });
});

describe('the header', () => {
  test.each([
    ['a,b;c\n', ',', ['a', 'b;c']],
    ['a;b;c,d\n', ';', ['a', 'b', 'c,d']],
    ['a\tb\n', '\t', ['a', 'b']],
    ['a|b|c\n', '|', ['a', 'b', 'c']],
    ['a,b;c,d;e\n', ',', ['a', 'b;c', 'd;e']],
    ['"a;b;c",d\n', ',', ['a;b;c', 'd']],
    ['alone\n', ',', ['alone']],
    ['"say ""hi""","two\nlines"\r\n', ',', ['say "hi"', 'two\nlines']],
    ['\r\n \t\r\n"a","b"', ',', ['a', 'b']],
    [' Customer ID , e-mail,\n', ',', [' Customer ID ', ' e-mail', '']],
  ])(
    '%j is parsed with the delimiter that results in most columns, the first of equals',
    async (text, delimiter, header) => {
      for (const chunkSize of [1, 5, 1 << 20]) {
        expect(await scanCsv(text, { chunkSize })).toMatchObject({
          delimiter,
          header,
          columns: header.length,
          rows: 0,
        });
      }
    },
  );

  test('a declared delimiter is used although another results in more columns', async () => {
    expect(await scanCsv('a;b,c,d\n1;2\n', { format: { delimiter: ';' } })).toMatchObject({
      header: ['a', 'b,c,d'],
      rows: 1,
    });
  });

  test('names are also normalised for matching columns', async () => {
    expect((await scanCsv('" Customer-ID ",Purchase  Date\n')).names).toEqual([
      'customer_id',
      'purchase_date',
    ]);
  });

  test.each(['"a,b\n1,2\n', '"a"b,c\n'])(
    '%j has wrong quotes and is unreadable, with a remedy',
    async (text) => {
      const scan = await scanText(text);
      expect(scan).toMatchObject({ kind: 'unreadable', reason: 'file_unreadable' });
      expect(scan).toHaveProperty(
        'message',
        expect.stringMatching(/header, at byte 0 .* Correct the quotes/),
      );
      expect(scan.sha256).toMatch(/^[0-9a-f]{64}$/);
    },
  );

  test('a body begins after the header line', async () => {
    const scan = await scanCsv('a,b\r\n1,2\n');
    expect(scan.bodyStart).toBe(5);
  });

  test.each(['', '\n\n', ' \t\r\n', '\ufeff', '\ufeff\n'])(
    'a text of %j is empty',
    async (text) => {
      expect(await scanText(text)).toMatchObject({ kind: 'empty', bytes: Buffer.byteLength(text) });
    },
  );
});
