import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { fileDoorViolations } from './file-door.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const sources = ['src', 'bench', 'scripts', 'cdk']
  .flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' }).map(
      (name) => `${folder}/${name.replaceAll('\\', '/')}`,
    ),
  )
  .filter((path) => /\.(?:tsx?|m?js)$/.test(path) && !/\.(?:test|conformance)\.tsx?$/.test(path));

const found = (path: string, text: string): string[] =>
  fileDoorViolations(path, text).map(({ at, fault }) => `${at} ${fault}`);

test('SQL that names files is written in one place an adapter, where every path is plain', () => {
  expect(sources.length).toBeGreaterThan(300);
  expect(sources.flatMap((path) => found(path, readFileSync(root + path, 'utf8')))).toEqual([]);
});

describe('SQL that names a file elsewhere is found', () => {
  test.each([
    ['`select * from read_csv(${literal(path)})`', 'by a pattern'],
    ["'select * from read_parquet([' + list + '])'", 'by a pattern'],
    ["'from read_json_auto (?)'", 'by a pattern'],
    ['`select content from read_text(${path})`', 'by a pattern'],
    ["`from glob('${folder}/*.parquet')`", 'by a pattern'],
    ["'select * from parquet_scan($path)'", 'by a pattern'],
    ['`copy (${select}) to ${literal(path)} (format parquet)`', 'by COPY'],
    ["`select * from '${folder}/a.parquet'`", 'by its name'],
    ["`select * from '${path}'`", 'by its name'],
    ["`ATTACH '${path}'`", 'a database'],
  ])('%s', (sql, fault) => {
    const text = `const one = 1;\nconst sql = ${sql};\n`;
    expect(found('src/engines/duckdb/a.ts', text)).toEqual([
      expect.stringMatching(`^src/engines/duckdb/a.ts:2 .*${fault}`),
    ]);
    expect(found('src/engines/duckdb/files.ts', text)).toEqual([]);
  });

  test.each([
    '// read_csv(path)',
    "const a = parquet(session, [path]); const b = 'read from a file';",
    "const sql = 'COPY staging (a, b) FROM STDIN';",
    'const glob = (text: string) => text;',
  ])('%s is no such SQL', (text) => {
    expect(found('src/engines/duckdb/a.ts', text)).toEqual([]);
  });
});
