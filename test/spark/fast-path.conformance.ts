import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { duckdbEngine } from '../../src/engines/duckdb/engine.ts';
import { parquet } from '../../src/engines/duckdb/files.ts';
import { openSession } from '../../src/engines/duckdb/session.ts';
import type { Engine, ObjectToRead, Workspace } from '../../src/lake/ports/engine.ts';
import type { Source } from '../../src/medallion/source.ts';
import { folderStore } from '../../src/stores/filesystem/filesystem.ts';
import { fastPathLine, fastPathSource, HEADER } from '../support/fast-path-lines.ts';

const MINUTES = 60_000;
const ROWS = 2_000;
const RATES =
  'currency,rate_date,rate_aud\nUSD,2026-01-02,1.500000000000\nEUR,2026-01-05,1.654321987654\nUSD,2024-02-28,1.234567891234\n';

/** Files that differ in every part of the pattern of fast-path lines. */
const FILES: Record<
  string,
  { delimiter: string; end: string; columns: readonly string[]; source: Source }
> = {
  'a.csv': { delimiter: ';', end: '\n', columns: HEADER, source: fastPathSource },
  'b.csv': {
    delimiter: '\t',
    end: '\r\n',
    columns: HEADER.toReversed(),
    source: fastPathSource,
  },
  'c.csv': {
    delimiter: '|',
    end: '\n',
    columns: HEADER.filter((name) => !['first_name', 'email'].includes(name)),
    source: fastPathSource,
  },
  'd.csv': {
    delimiter: ',',
    end: '\n',
    columns: HEADER.filter((name) => name !== 'currency'),
    source: { ...fastPathSource, name: 'dollars', defaultCurrency: 'USD' },
  },
};

/**
 * An engine's result for the files, as sorted text. `size` is the reported size of each file: Spark
 * chooses its statements by it.
 */
async function resultOf(folder: string, engine: Engine, size?: number): Promise<string[]> {
  const lake = await mkdtemp(join(folder, 'lake-'));
  const store = folderStore(lake);
  const objects: ObjectToRead[] = [];
  for (const [key, { delimiter, end, columns, source }] of Object.entries(FILES)) {
    const lines = fc.sample(fastPathLine(columns, delimiter), { numRuns: ROWS, seed: 20260410 });
    const bytes = Buffer.from([columns.join(delimiter), ...lines].join(end));
    const path = join(lake, 'bronze', key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    await utimes(path, 1_700_000_000, 1_700_000_000);
    const head = await store.head(`bronze/${key}`);
    const { etag = '', modified = 0 } = head ?? {};
    const arrived = { ingestionDate: '2026-04-10', source, rules: 'rules' };
    objects.push({ key, size: size ?? bytes.length, etag, modified, ...arrived });
  }
  const workspace: Workspace = {
    store,
    scratch: join(lake, '_scratch'),
    signal: new AbortController().signal,
    onProgress() {},
  };
  await mkdir(workspace.scratch, { recursive: true });
  const { objects: records, files } = await engine.bronzeToSilver(workspace, {
    objects,
    rates: { path: join(folder, 'rates.csv'), digest: 'rates', maxAgeDays: 7 },
    timeZone: 'Australia/Sydney',
    limits: { maxQuarantinedShare: 1, maxInflation: 100 },
  });
  const counts = records.map(({ key, rows, reasons, repairs }) =>
    JSON.stringify({ key, rows, reasons: sorted(reasons), repairs: sorted(repairs) }),
  );
  await using session = await openSession({ memoryLimit: '300MB', ...workspace });
  const cells: string[] = [];
  for (const layer of ['silver', 'quarantine']) {
    const ofLayer = files.filter(({ key }) => key.startsWith(`${layer}/`));
    const paths = await Promise.all(ofLayer.map(({ key }) => store.local(key, workspace.scratch)));
    const rows = await session.rows(
      `select * from ${parquet(session, paths)} order by object_key, row_number`,
    );
    cells.push(...rows.map((row) => JSON.stringify(row)));
  }
  return [...counts.toSorted(), ...cells];
}

const sorted = (counts: Record<string, number>): string[] =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .toSorted();

/**
 * Fast-path lines and near misses have the same result on Spark, with the statements for few rows
 * and those for many, as with the full rules on DuckDB.
 */
export function fastPathLines(spark: () => Engine): void {
  describe('lines most of which take the fast path', () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'spark-fast-path-'));
      await writeFile(join(folder, 'rates.csv'), RATES);
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    test.for([
      { how: 'few lines, which Spark reads by the full rules', size: undefined },
      { how: 'many lines, which take the fast path if they fit', size: 8 << 20 },
    ])(
      '$how: the result equals that of the full rules on DuckDB',
      { timeout: 10 * MINUTES },
      async ({ size }) => {
        const long = await resultOf(
          folder,
          duckdbEngine({ memoryLimit: '300MB', threads: 1, streamFrom: ROWS * 10 }),
        );
        expect(await resultOf(folder, spark(), size)).toEqual(long);
      },
    );
  });
}
