import { describe, expect, test } from 'vitest';
import { QueryRefused, WarehouseForeign } from '../../errors.ts';
import { customer } from './warehouse-load-rows.ts';
import type { Load } from './warehouse.ts';
import {
  dump,
  dumped,
  load,
  MAIN,
  SECOND,
  SIX,
  STAGING,
  stagedRows,
  type Opened,
} from './warehouse-fixture.ts';

export function externalRows(opened: Opened): void {
  describe('rows of external writers', () => {
    const append = (...values: string[]): Promise<void> =>
      opened().externalSql(
        values.map((row) => `INSERT INTO ${STAGING} (${SIX}) VALUES (${row});`).join('\n'),
      );
    const ROW = "'New Name', 'new@example.com', 42.50, '2026-02-01', '2026-02-02'";

    test('are applied, the last appended row of a customer wins, and nothing is deleted', async () => {
      const { warehouse } = opened();
      await load(warehouse, [customer(1), customer(2)]);
      await append(
        `1, ${ROW}`,
        `3, ${ROW}`,
        `1, ${ROW.replace('42.50', '43')}`,
        `2, NULL, NULL, NULL, NULL, NULL`,
      );
      expect((await warehouse.state()).foreign).toBe(4);
      const result = await warehouse.upsert(undefined);
      expect(result).toEqual({
        outcome: 'applied',
        seq: 1,
        inserted: 1,
        updated: 2,
        deleted: 0,
        foreign: 4,
      });
      expect(await dump(warehouse)).toEqual([
        '["1","New Name","new@example.com","43.00","2026-02-01","2026-02-02"]',
        '["2",null,null,null,null,null]',
        '["3","New Name","new@example.com","42.50","2026-02-01","2026-02-02"]',
      ]);
      expect(await stagedRows(warehouse)).toBe(0);
    });

    test('are applied before the load, survive its staging, and are applied once', async () => {
      const { warehouse } = opened();
      await load(warehouse, [customer(1), customer(2)]);
      await append(`1, ${ROW}`, `2, ${ROW}`);
      expect(await load(warehouse, [customer(1, '5.00')], SECOND)).toMatchObject({
        foreign: 2,
        seq: 2,
      });
      const [first, second] = await dump(warehouse);
      expect(first).toBe(dumped([customer(1, '5.00')])[0]);
      expect(second).toContain('42.50');
      expect(await warehouse.upsert(undefined)).toMatchObject({
        foreign: 0,
        inserted: 0,
        updated: 0,
      });
    });

    test('are applied to an empty table too, with or without a first load', async () => {
      const { warehouse } = opened();
      await append(`7, ${ROW}`, `1, ${ROW}`);
      expect(await load(warehouse, [customer(1)])).toMatchObject({
        outcome: 'applied',
        foreign: 2,
        inserted: 2,
        updated: 1,
      });
      await append(`7, ${ROW}`, `8, ${ROW}`);
      expect(await warehouse.upsert(undefined)).toMatchObject({
        foreign: 2,
        inserted: 1,
        updated: 0,
      });
      expect(await dump(warehouse)).toHaveLength(3);
    });

    test('without a customer_id stay in staging and do not block other rows', async () => {
      const { warehouse } = opened();
      await append(`NULL, ${ROW}`, `8, ${ROW}`);
      expect(await warehouse.upsert(undefined)).toMatchObject({ foreign: 1, inserted: 1 });
      expect((await warehouse.state()).foreign).toBe(0);
      expect(await stagedRows(warehouse)).toBe(1);
    });
  });
}

export function unknownOrigin(opened: Opened): void {
  describe('a table of unknown origin', () => {
    const externalWrites = `INSERT INTO ${MAIN} (${SIX}) VALUES (5, 'Stranger', NULL, 1.00, NULL, NULL);
      INSERT INTO ${STAGING} (${SIX}) VALUES (6, 'Appended', NULL, 1.00, NULL, NULL);`;
    const untouched = ['["5","Stranger",null,"1.00",null,null]'];

    test('is not changed by a load', async () => {
      const { warehouse, externalSql: outside } = opened();
      await outside(externalWrites);
      await expect(load(warehouse, [customer(1)])).rejects.toThrow(WarehouseForeign);
      expect(await dump(warehouse)).toEqual(untouched);
      expect(await warehouse.state()).toEqual({ sync: undefined, empty: false, foreign: 1 });
    });

    test.each([
      ["another lake's", { lake: 'lake-b', ...SECOND }],
      ['another commit of the same seq', { commit: 'other' }],
    ])('is not changed when it is %s', async (_what, other) => {
      const { warehouse } = opened();
      await load(warehouse, [customer(1)]);
      await expect(load(warehouse, [customer(1, '66.00')], other)).rejects.toThrow(
        WarehouseForeign,
      );
      expect(await dump(warehouse)).toEqual(dumped([customer(1)]));
    });

    test('is replaced by a takeover in one transaction', async () => {
      const { warehouse, externalSql: outside } = opened();
      await outside(externalWrites);
      const result = await load(warehouse, [customer(1)], { scope: 'takeover' });
      expect(result).toMatchObject({ outcome: 'applied', seq: 1, foreign: 1 });
      expect(await dump(warehouse)).toEqual(dumped([customer(1)]));
      expect((await warehouse.state()).sync).toEqual({ lake: 'lake-a', seq: 1, commit: 'c1' });
    });

    test.each([
      ['names another lake now', "lake = 'lake-b', seq = 1, commit = 'c1'"],
      ['is at another seq now', "lake = 'lake-a', seq = 7, commit = 'c1'"],
      ['is at another commit now', "lake = 'lake-a', seq = 1, commit = 'other'"],
      ['names no lake now', 'lake = NULL, seq = NULL, commit = NULL'],
    ])('is not taken over where it %s than at the confirmation', async (_what, state) => {
      const { warehouse, externalSql: outside } = opened();
      await load(warehouse, [customer(1)], { lake: 'other-lake' });
      const from = (await warehouse.state()).sync;
      await outside(`UPDATE customer_purchase_sync_state SET ${state}`);
      const other: Partial<Load> = { scope: 'takeover', loadId: 'take', commit: 'c9', toSeq: 9 };
      await expect(
        load(warehouse, [customer(1, '66.00')], { ...other, from: from ?? null }),
      ).rejects.toThrow(WarehouseForeign);
      expect(await dump(warehouse)).toEqual(dumped([customer(1)]));
    });

    test('is taken over where it still is as confirmed, also a second time', async () => {
      const { warehouse } = opened();
      await load(warehouse, [customer(1)], { lake: 'other-lake' });
      const from = (await warehouse.state()).sync ?? null;
      const take = { scope: 'takeover', loadId: 'take', toSeq: 9, commit: 'c9', from } as const;
      for (let time = 0; time < 2; time += 1)
        expect(await load(warehouse, [customer(2)], take)).toMatchObject({ outcome: 'applied' });
      expect(await dump(warehouse)).toEqual(dumped([customer(2)]));
    });

    test('refuses a difference that starts at another commit of the same seq', async () => {
      const { warehouse, externalSql: outside } = opened();
      await load(warehouse, [customer(1)]);
      const from = (await warehouse.state()).sync ?? null;
      await outside(`UPDATE customer_purchase_sync_state SET commit = 'other'`);
      expect(await load(warehouse, [customer(1, '66.00')], { ...SECOND, from })).toMatchObject({
        outcome: 'stale',
      });
      expect(await dump(warehouse)).toEqual(dumped([customer(1)]));
    });

    test('is repaired by a takeover at the same seq', async () => {
      const { warehouse, externalSql: outside } = opened();
      await load(warehouse, [customer(1), customer(2)]);
      await outside(`UPDATE ${MAIN} SET total_spent_aud = 0 WHERE customer_id = 1`);
      const result = await load(warehouse, [customer(1), customer(2)], { scope: 'takeover' });
      expect(result).toMatchObject({ outcome: 'applied', inserted: 0, updated: 1, deleted: 0 });
      expect(await dump(warehouse)).toEqual(dumped([customer(1), customer(2)]));
    });
  });
}

export function queries(opened: Opened): void {
  describe('a query', () => {
    test('returns values as the database prints them, by column name, also for a repeated name', async () => {
      await load(opened().warehouse, [customer(1, '12.30')]);
      const statement = `SELECT customer_id AS a, total_spent_aud AS b, first_purchase_date AS c, 9007199254740993 AS d, NULL AS e, 'x' AS a FROM ${MAIN}`;
      expect(await opened().warehouse.query(statement)).toEqual({
        columns: ['a', 'b', 'c', 'd', 'e', 'a'],
        rows: [['1', '12.30', '2026-01-01', '9007199254740993', null, 'x']],
      });
    });

    test.each([
      `DELETE FROM ${MAIN}`,
      `UPDATE ${MAIN} SET total_spent_aud = 0`,
      `INSERT INTO ${MAIN} (customer_id) VALUES (3)`,
      `DROP TABLE ${MAIN}`,
      `SELECT 1; DELETE FROM ${MAIN}`,
      'COMMIT',
      '',
    ])('that is not read-only is refused: %s', async (statement) => {
      const { warehouse } = opened();
      await load(warehouse, [customer(1)]);
      await expect(warehouse.query(statement)).rejects.toThrow(QueryRefused);
      expect(await dump(warehouse)).toEqual(dumped([customer(1)]));
    });

    test('with a database error is refused with the reason, and the next query works', async () => {
      await expect(opened().warehouse.query('SELECT no_such_column')).rejects.toThrow(
        /no_such_column/,
      );
      expect((await opened().warehouse.query('SELECT 1 AS one')).rows).toEqual([['1']]);
    });
  });
}
