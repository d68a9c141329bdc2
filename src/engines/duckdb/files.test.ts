import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { copyTo, csvFiles, jsonLines, parquet } from './files.ts';
import { writeByDay } from './parquet.ts';
import { openSession, type Session } from './session.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'files-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (scratch = join(folder, 'scratch')): Promise<Session> =>
  openSession({ memoryLimit: '300MB', scratch, threads: 1, signal: new AbortController().signal });

const CSV = `columns = {raw: 'VARCHAR'}, filename = true`;
const FORMAT = 'format parquet';

async function put(name: string, text: string): Promise<string> {
  const path = join(folder, 'in', name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}

/** Every character that Linux allows in a file name. */
const CHARACTERS = Array.from({ length: 127 }, (_, at) => String.fromCharCode(at + 1))
  .concat('é', 'e\u0301', '購', '🛒', '\u202e')
  .filter((character) => character !== '/');

test('reads and writes files under a thousand odd names', async () => {
  await using session = await open();
  const names = CHARACTERS.flatMap((c) => [
    `a${c}b`,
    `${c}b`,
    `${c}1${c}`,
    `a${c}`,
    `a[${c}]`,
  ]).filter((name) => name !== '.');
  for (const [at, name] of names.entries()) {
    const path = await put(`${name}.csv`, `x\n${at}\n`);
    const [row, ...more] = await session.rows(`select * from ${csvFiles(session, [path], CSV)}`);
    expect([name, row, more]).toEqual([
      name,
      { raw: String(at), filename: session.file(path) },
      [],
    ]);
    const json = await put(`${name}/${name}.json`, `{"x": ${at}}\n`);
    const lines = jsonLines(session, json, `{x: 'varchar'}`);
    expect(await session.rows(`select * from ${lines}`)).toEqual([{ x: String(at) }]);
    const out = join(dirname(json), 'out.parquet');
    await session.run(copyTo(session, `select ${at} as x`, out, FORMAT));
    const read = parquet(session, [out], { filename: true });
    expect(await session.rows(`select * from ${read}`)).toEqual([
      { x: String(at), filename: session.file(out) },
    ]);
  }
});

test('does not read folders named a=b as columns', async () => {
  await using session = await open();
  const paths = [];
  for (const name of ['raw=5/a.csv', 'raw=6/b.csv', 'filename=7/raw=2026-01-01/c.csv'])
    paths.push(await put(name, `x\n${name}\n`));
  const rows = await session.rows(`select * from ${csvFiles(session, paths, CSV)}`);
  expect(rows).toEqual(
    paths.map((path) => ({ raw: path.slice(folder.length + 4), filename: path })),
  );
  const json = await put('x=1/a.ndjson', '{"x": 2}\n');
  expect(await session.rows(`select * from ${jsonLines(session, json, `{x: 'varchar'}`)}`)).toEqual(
    [{ x: '2' }],
  );
});

test('does not derive the compression from the file ending', async () => {
  await using session = await open();
  for (const name of ['a.gz', 'a.csv.zst']) {
    const path = await put(name, 'x\n1\n');
    const rows = await session.rows(`select raw from ${csvFiles(session, [path], CSV)}`);
    expect(rows).toEqual([{ raw: '1' }]);
  }
});

test('spills, keeps profiles and writes by day in a scratch folder with an odd name', async () => {
  const scratch = join(folder, 's[1]*?{x}');
  const profiles = join(folder, 'p[1]*');
  await using session = await openSession({
    memoryLimit: '60MB',
    scratch,
    threads: 1,
    profiles,
    signal: new AbortController().signal,
  });
  const [counted] = await session.rows(
    'select count(*) as n from (select md5(cast(range as varchar)) as m from range(2000000) order by m offset 1000000)',
  );
  expect(counted).toEqual({ n: '1000000' });
  const days = `select range as x, date '2026-01-01' + cast(range % 2 as int) as day from range(5)`;
  expect(await writeByDay(session, days, join(scratch, 'days'))).toEqual([
    { day: '2026-01-01', path: expect.stringContaining(scratch), rows: 3 },
    { day: '2026-01-02', path: expect.stringContaining(scratch), rows: 2 },
  ]);
  expect(existsSync(join(profiles, '0001.json'))).toBe(true);
});
