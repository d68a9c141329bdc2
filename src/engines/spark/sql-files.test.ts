import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { ARRIVED_BY, defaultSource, sqlFiles, TIME_ZONE } from '../../../scripts/build-sql.ts';
import type { Source } from '../../medallion/source.ts';
import { loadSql } from './gold-sql.ts';
import { bronzeTask, goldTask, SPARK_VERSION } from './tasks.ts';

const FOLDER = fileURLToPath(new URL('../../../glue/sql', import.meta.url));

let source: Source;
let onDisk: Map<string, string>;

beforeAll(async () => {
  source = await defaultSource();
  const entries = await readdir(FOLDER, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(FOLDER.length + 1));
  onDisk = new Map();
  for (const path of paths) onDisk.set(path, await readFile(join(FOLDER, path), 'utf8'));
});

/** The statement of a file, without its first line, a description. */
const statement = (path: string): string =>
  (onDisk.get(path) ?? `-- no ${path}`).replace(/^--.*\n/, '').trim();

test('glue/sql holds the output of `npm run generate` and nothing else', () => {
  expect(Object.fromEntries(onDisk)).toEqual(Object.fromEntries(sqlFiles(source)));
});

test('the task of a job holds the statements of glue/sql for the canonical headers', () => {
  const object = { key: 'a.csv', size: 1, etag: 'e', modified: 0, rules: 'r' };
  const bronze = bronzeTask(
    SPARK_VERSION,
    {
      objects: [{ ...object, ingestionDate: ARRIVED_BY, source }],
      rates: { path: 'rates.csv', digest: 'd', maxAgeDays: 7 },
      timeZone: TIME_ZONE,
      limits: { maxQuarantinedShare: 1, maxInflation: 200 },
    },
    new Map(),
    '',
  );
  const [{ statements } = { statements: undefined }] = bronze.sources;
  // The currency has a column of its own, so nothing is defaulted.
  expect(statements?.defaulted).toEqual(statements?.own);
  for (const kind of ['lines', 'rows'] as const)
    for (const layer of ['silver', 'quarantine', 'shares'] as const)
      expect(statement(`bronze_to_silver/${layer}_of_${kind}.sql`)).toBe(
        statements?.own[kind][layer],
      );
  for (const layer of ['silver', 'quarantine'] as const)
    expect(statement(`bronze_to_silver/everyday_${layer}_of_lines.sql`)).toBe(
      statements?.own.lines.everyday?.[layer],
    );
  expect(statement('bronze_to_silver/rates_by_day.sql')).toBe(bronze.rates.byDay.trim());

  const keys = { files: [], next: 1, file: 'k' };
  const { sql } = goldTask({ live: [], counted: [], keys, goldPrefix: 'gold/' }, (key) => key, '');
  const texts = [...onDisk].filter(([path]) => path.startsWith('silver_to_gold/'));
  const written = texts.map(([path]) => statement(path)).join('\n');
  const views = [...sql.freshKeys, ...sql.whole, ...sql.touched];
  for (const view of views) expect(written).toContain(`view ${view.name} as\n${view.sql};`);
  const others = [sql.versionsRead, ...Object.values(sql.versions), sql.fates];
  others.push(...Object.values(sql.gold), sql.digest, sql.total, sql.unfit);
  for (const text of others) expect(written).toContain(text.trim());
  expect(statement('gold_to_rds/difference.sql')).toBe(loadSql(true));
  expect(statement('gold_to_rds/whole.sql')).toBe(loadSql(false));
});
