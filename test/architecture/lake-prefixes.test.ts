import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { FOLDERS, lakePrefixViolations } from './lake-prefixes.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const sources = ['src', 'cdk']
  .flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' }).map(
      (name) => `${folder}/${name.replaceAll('\\', '/')}`,
    ),
  )
  .filter((path) => /\.tsx?$/.test(path) && !/\.(?:test|conformance)\.tsx?$/.test(path));

const found = (path: string, text: string): string[] =>
  lakePrefixViolations(path, text).map(({ at, fault }) => `${at} ${fault}`);

test('the prefixes of the lake are spelled in the layout only', () => {
  expect(FOLDERS).toEqual(expect.arrayContaining(['bronze', 'silver', 'gold', '_ledger', '_runs']));
  expect(sources.length).toBeGreaterThan(300);
  expect(sources.flatMap((path) => found(path, readFileSync(root + path, 'utf8')))).toEqual([]);
});

describe('a prefix outside the layout is found', () => {
  test.each([
    "'bronze/'",
    "'silver/ingestion_date=2026-01-31/a.parquet'",
    "['gold/', other]",
    "'_ledger/customer-keys/'",
    '`_runs/${runId}/plan.json`',
    '`reference/fx/rates.csv`',
    "key.startsWith('quarantine/')",
  ])('%s', (literal) => {
    const text = `const one = 1;\nconst key = ${literal};\n`;
    const violation = expect.stringMatching('^src/cli/a.ts:2 spells the prefix');
    expect(found('src/cli/a.ts', text)).toEqual([violation]);
    expect(found('src/lake/layout.ts', text)).toEqual([]);
    expect(found('src/medallion/a.ts', text)).toEqual([]);
  });

  test.each([
    '// bronze/ holds the files',
    "const message = 'bronze/ holds no files.';",
    'const message = `gold/ of ${day} is missing`;',
    "const layer = 'silver'; const other = 'golden/rule'; const path = './bronze/scan.ts';",
    'const key = `${BRONZE}a.csv`;',
  ])('%s is not a prefix', (text) => {
    expect(found('src/cli/a.ts', text)).toEqual([]);
  });
});
