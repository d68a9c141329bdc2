import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import {
  BronzeChanged,
  CustomerIdsCollide,
  CustomerIdsExhausted,
  TotalOutOfRange,
} from '../../errors.ts';
import { DAY, type Files, type Lake, openLake, row, USD } from './engine-lake.conformance.ts';
import type { BronzeResult, Engine, GoldResult } from './engine.ts';

const MINUTES = 60_000;
/**
 * Tests of the `Engine` contract. An adapter's test passes a function that returns its engine,
 * which may be the same for all tests.
 */
export function engineConformance(name: string, engine: () => Engine): void {
  describe(`${name} is an engine`, { timeout: 10 * MINUTES }, () => {
    let lake: Lake;
    beforeEach(async () => {
      lake = await openLake(engine());
    });
    afterEach(() => lake.close());

    describe('bronze to silver', () => {
      readsObjects(() => lake);
    });
    describe('rates', () => {
      findsStaleRates(() => lake);
    });
    describe('silver to gold', () => {
      writesGold(() => lake);
      failsWithoutGold(() => lake);
    });
    describe('customer keys', () => {
      numbersKeys(() => lake);
    });
    describe('gold to staging', () => {
      writesLoads(() => lake);
    });
  });
}

function readsObjects(lake: () => Lake): void {
  const FILES: Files = {
    'a.csv': [row('1', 'p1', '10'), row('1', 'p2', 'ten'), row('2', 'p3', '20', 'USD,')],
    'b.csv': [],
  };

  test('writes accepted rows to silver, rejected rows to quarantine, and counts both', async () => {
    const { write, read, workspace } = lake();
    const { objects, files } = await read(await write(FILES));
    const byKey = new Map(objects.map((record) => [record.key, record]));
    const a = byKey.get(`${DAY}/a.csv`);
    expect(a?.rows).toMatchObject({ read: 3, accepted: 2, quarantined: 1 });
    expect(a?.reasons).toEqual({ amount_invalid: 1 });
    expect(byKey.get(`${DAY}/b.csv`)).toMatchObject({ rows: { read: 0 }, silver: null });
    expect(new Set(files.map(({ key }) => key))).toEqual(new Set([a?.quarantine, a?.silver]));
    for (const { key, size, sha256 } of files) {
      const bytes = await readFile(await workspace.store.local(key, workspace.scratch));
      expect([key, bytes.length, createHash('sha256').update(bytes).digest('hex')]).toEqual([
        key,
        size,
        sha256,
      ]);
    }
  });

  test('writes the same files for the same objects', async () => {
    const { write, read } = lake();
    const objects = await write(FILES);
    const first = await read(objects);
    expect(await read(objects)).toEqual(first);
  });

  test('rejects a whole object whose share of rejected rows is above the limit', async () => {
    const { write, read } = lake();
    const { objects } = await read(await write(FILES), { maxQuarantinedShare: 0.1 });
    const refused = objects.map(({ key, refused: one, rows }) => [
      key,
      one?.reason,
      rows.quarantined,
    ]);
    expect(refused).toContainEqual([`${DAY}/a.csv`, 'too_many_refused', 3]);
  });

  test('fails with BronzeChanged if an object is no longer as planned', async () => {
    const { write, read } = lake();
    const planned = await write(FILES);
    await write({ 'a.csv': [row('1', 'p1', '11')] });
    await expect(read(planned)).rejects.toBeInstanceOf(BronzeChanged);
  });
}

function findsStaleRates(lake: () => Lake): void {
  test('returns the objects whose recorded rate is not that of the table', async () => {
    const { write, read, engine, workspace, rates } = lake();
    const { objects } = await read(
      await write({
        'aud.csv': [row('1', 'p1', '10')],
        'nzd.csv': [row('1', 'p2', '10', 'NZD,')],
        'usd.csv': [row('1', 'p3', '10', 'USD,')],
      }),
    );
    const stale = async (text: string): Promise<string[]> => {
      const files = {
        silver: objects.flatMap(({ silver }) => silver ?? []),
        quarantine: objects.flatMap(({ quarantine }) => quarantine ?? []),
      };
      const unique = { silver: [...new Set(files.silver)], quarantine: files.quarantine };
      const keys = await engine.objectsWithStaleRates(workspace, unique, await rates(text));
      return keys.toSorted();
    };
    expect(await stale(USD)).toEqual([]);
    expect(await stale('USD,2026-03-30,1.600000000000')).toEqual([`${DAY}/usd.csv`]);
    expect(await stale('USD,2026-03-31,1.500000000000')).toEqual([`${DAY}/usd.csv`]);
    expect(await stale(`NZD,2026-03-30,0.900000000000\n${USD}`)).toEqual([`${DAY}/nzd.csv`]);
  });
}

const BEGUN: Files = {
  'a.csv': [row('1', 'p1', '10'), row('2', 'p2', '5'), row('2', 'p2', '6'), row('3', 'p3', '1')],
  'b.csv': [row('1', 'p1', '10'), row('1', 'p4', '-2.5'), row('3', 'p3', '', ',cancelled')],
};

function writesGold(lake: () => Lake): void {
  test('counts the outcome of every row and totals the winners', async () => {
    const { write, read, gold, load } = lake();
    const { fates, customers, total, files } = await gold(await read(await write(BEGUN)));
    expect(fates).toEqual({
      [`${DAY}/a.csv`]: { accepted: 1, duplicate: 1, superseded: 2, deleted: 0 },
      [`${DAY}/b.csv`]: { accepted: 2, duplicate: 0, superseded: 0, deleted: 1 },
    });
    expect([customers, total]).toEqual([2, '13.50']);
    expect(await load(null, files)).toEqual([
      '1,"Ann Lee","ann@example.org",7.50,2026-04-01,2026-04-01,"upsert"',
      '2,"Ann Lee","ann@example.org",6.00,2026-04-01,2026-04-01,"upsert"',
    ]);
  });

  test('gold from the previous gold is that of the whole lake, after rows arrived and departed', async () => {
    const { write, read, gold } = lake();
    const first = await read(await write(BEGUN));
    const previous = await gold(first);
    const added = await read(await write({ 'c.csv': [row('3', 'p2', '8'), row('4', 'p5', '3')] }));
    const a = first.objects.find(({ key }) => key.endsWith('a.csv'));
    const now: BronzeResult = {
      objects: [...first.objects.filter((record) => record !== a), ...added.objects],
      files: [],
    };
    const keysOf = ({ objects }: BronzeResult): { key: string; silver: string }[] =>
      objects.map(({ key, silver }) => ({ key, silver: silver ?? '' }));
    const departed = keysOf({ objects: a === undefined ? [] : [a], files: [] });
    const increment = await gold(now, {
      before: {
        gold: previous.files,
        digest: previous.digest,
        ...(previous.shared === undefined ? {} : { shared: previous.shared }),
        arrived: keysOf(added),
        departed,
        changesPrefix: '_scratch/changes/',
      },
    });
    const whole = await gold(now);
    const facts = ({ customers, total, digest }: GoldResult): unknown => [customers, total, digest];
    expect(facts(increment)).toEqual(facts(whole));
    expect(facts(increment)).not.toEqual(facts(previous));
    expect(increment.fates[`${DAY}/c.csv`]).toEqual(whole.fates[`${DAY}/c.csv`]);
  });

  test('writes gold of a lake without rows', async () => {
    const { gold, load } = lake();
    const { customers, total, files } = await gold({ objects: [], files: [] });
    expect([customers, total]).toEqual([0, '0.00']);
    expect(await load(null, files)).toEqual([]);
  });
}

function failsWithoutGold(lake: () => Lake): void {
  test('fails with TotalOutOfRange if a total does not fit', async () => {
    const { write, read, gold, workspace } = lake();
    const { objects } = await read(
      await write({ 'a.csv': [row('1', 'p1', '1'), row('1', 'p2', '1')] }),
    );
    const [record] = objects;
    const path = await workspace.store.local(record?.silver ?? '', workspace.scratch);
    const huge = join(workspace.scratch, 'huge.parquet');
    // An accepted amount is below 10^10 AUD, so a million rows would be needed.
    const duckdb = await DuckDBInstance.create(':memory:');
    const connection = await duckdb.connect();
    await connection.run(
      `copy (select * replace (cast(6e15 as decimal(18,2)) as amount_aud) from '${path}') to '${huge}'`,
    );
    connection.closeSync();
    duckdb.closeSync();
    const silver = `silver/ingestion_date=${DAY}/huge.parquet`;
    await workspace.store.put(silver, await readFile(huge));
    const changed = { objects: objects.map((one) => ({ ...one, silver })), files: [] };
    await expect(gold(changed)).rejects.toBeInstanceOf(TotalOutOfRange);
  });
}

function numbersKeys(lake: () => Lake): void {
  test('gives new keys the next free integers in order of arrival', async () => {
    const { write, read, gold, load } = lake();
    const ids = await read(await write({ 'a.csv': [row('1001', 'p1', '1')] }));
    const keys = await read(
      await write(
        { 'b.csv': [row('kb', 'p2', '2'), row('ka', 'p3', '3'), row('kb', 'p4', '4')] },
        'customer_key',
      ),
    );
    const both = { objects: [...ids.objects, ...keys.objects], files: [] };
    const result = await gold(both, { keys: { erased: [1_002] } });
    expect(result.keys).toMatchObject({
      next: 1_004,
      file: { key: expect.stringMatching(/^keys\/1-.+\.parquet$/), rows: 2 },
    });
    const customers = (await load(null, result.files)).map((line) => line.split(',')[0]);
    expect(customers).toEqual(['1000', '1001', '1003']);
  });

  test('fails with CustomerIdsCollide if a row has an integer of the registry', async () => {
    const { write, read, gold } = lake();
    const keys = await read(await write({ 'a.csv': [row('ka', 'p1', '1')] }, 'customer_key'));
    const { file } = (await gold(keys)).keys;
    const ids = await read(await write({ 'b.csv': [row('1000', 'p2', '2')] }));
    const both = { objects: [...keys.objects, ...ids.objects], files: [] };
    const files = file === null ? [] : [file];
    await expect(gold(both, { keys: { files, next: 1_001 } })).rejects.toBeInstanceOf(
      CustomerIdsCollide,
    );
  });

  test('fails with CustomerIdsExhausted if no integer is left', async () => {
    const { write, read, gold } = lake();
    const keys = await read(
      await write({ 'a.csv': [row('ka', 'p1', '1'), row('kb', 'p2', '1')] }, 'customer_key'),
    );
    await expect(gold(keys, { keys: { next: 2 ** 31 - 1 } })).rejects.toBeInstanceOf(
      CustomerIdsExhausted,
    );
  });
}

function writesLoads(lake: () => Lake): void {
  test('writes the changed rows and the customers that are gone', async () => {
    const { write, read, gold, load } = lake();
    const before = await gold(await read(await write(BEGUN)));
    const after = await gold(
      await read(await write({ 'a.csv': [row('1', 'p1', '7.5'), row('5', 'p9', '1', 'USD,')] })),
    );
    expect(await load(before.files, before.files)).toEqual([]);
    expect(await load(before.files, after.files)).toEqual([
      '2,,,,,,"delete"',
      '5,"Ann Lee","ann@example.org",1.50,2026-04-01,2026-04-01,"upsert"',
    ]);
  });
}
