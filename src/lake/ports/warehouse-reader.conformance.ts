import { beforeAll, describe, expect, test } from 'vitest';

import { QueryRefused } from '../../errors.ts';
import type { WarehouseReader } from './warehouse-reader.ts';
import { MAIN, STAGING } from './warehouse-fixture.ts';

/** A reader, and a check of the database's state as its owner. */
export type OpenedReader = {
  reader: WarehouseReader;
  /** Returns all that a statement could change: rows of both tables, other tables, logins. */
  state(): Promise<unknown>;
};

export type WholeResult = { columns: string[]; rows: (string | null)[][]; batches: number };

/** Reads all batches of a query. */
export async function readAll(reader: WarehouseReader, sql: string): Promise<WholeResult> {
  const all: WholeResult = { columns: [], rows: [], batches: 0 };
  for await (const { columns, rows } of reader.ask(sql)) {
    all.columns = columns;
    all.rows.push(...rows);
    all.batches += 1;
  }
  return all;
}

/** Statements that every reader must refuse. */
const REFUSED = [
  `DELETE FROM ${MAIN}`,
  `UPDATE ${MAIN} SET total_spent_aud = 0`,
  `INSERT INTO ${MAIN} (customer_id) VALUES (3)`,
  `DROP TABLE ${MAIN}`,
  'CREATE TABLE made (n INT)',
  `SELECT 1; DELETE FROM ${MAIN}`,
  'SELECT 1; SELECT 2',
  `SELECT 1) ; DELETE FROM ${MAIN} -- `,
  'SELECT 1) , (SELECT 2',
  'SELECT 1 INTO made',
  "SELECT 1 INTO OUTFILE '/tmp/purchases-query-made'",
  `SELECT * FROM ${MAIN} FOR UPDATE`,
  'EXPLAIN SELECT 1',
  'SHOW TABLES',
  'BEGIN',
  'COMMIT',
  'ROLLBACK',
  'SET @made = 1',
  'SET ROLE NONE',
  `LOCK TABLE ${MAIN}`,
  'CALL made()',
  'DO 1',
  "PREPARE made FROM 'SELECT 1'",
  'GRANT SELECT ON customer_purchase_summary TO PUBLIC',
  'SELECT 1 /* not closed',
  'SELECT no_such_column',
  'SELECT * FROM no_such_table',
  '-- nothing',
  ' ',
  '',
];

/** Tests of the `WarehouseReader` contract; `open` returns a database with customer 1 at 12.30. */
export function readerConformance(
  name: string,
  open: () => Promise<OpenedReader>,
  series: string,
): void {
  describe(`${name} has a reader for SQL of users`, () => {
    let opened: OpenedReader;
    const ask = (sql: string): Promise<WholeResult> => readAll(opened.reader, sql);
    beforeAll(async () => {
      opened = await open();
    });

    test('which returns values as the database prints them, by column name, also for a repeated name', async () => {
      const sql = `SELECT customer_id AS a, total_spent_aud AS b, 9007199254740993 AS d, NULL AS e, 'x' AS a FROM ${MAIN}`;
      expect(await ask(sql)).toMatchObject({
        columns: ['a', 'b', 'd', 'e', 'a'],
        rows: [['1', '12.30', '9007199254740993', null, 'x']],
      });
    });

    test.each([
      ['SELECT 1 AS a;', 1],
      ['SELECT 1 AS a -- the last', 1],
      ['/* first */ WITH a AS (SELECT 1 AS b) SELECT b FROM a', 1],
      ['VALUES (1), (2)', 2],
      ['(SELECT 1 AS a) UNION ALL (SELECT 2)', 2],
      [`SELECT count(*) FROM ${STAGING}`, 1],
    ])('which accepts %s', async (sql, rows) => {
      expect((await ask(sql)).rows).toHaveLength(rows);
    });

    test('which returns the column names of an empty result', async () => {
      const { columns, rows } = await ask(`SELECT customer_id, email FROM ${MAIN} WHERE 1 = 0`);
      expect([columns, rows]).toEqual([['customer_id', 'email'], []]);
    });

    test('which returns a long result in batches, and can be stopped early', async () => {
      const { rows, batches } = await ask(series);
      expect(rows.map(([number]) => number)).toEqual(
        Array.from({ length: 3000 }, (_, index) => String(index + 1)),
      );
      expect(batches).toBeGreaterThan(2);
      for await (const { columns } of opened.reader.ask(series)) {
        expect(columns).toHaveLength(1);
        break;
      }
      expect((await ask('SELECT 1 AS a')).rows).toEqual([['1']]);
    });

    test.each(REFUSED)('which refuses %s', async (sql) => {
      const before = await opened.state();
      await expect(ask(sql)).rejects.toThrow(QueryRefused);
      expect(await opened.state()).toEqual(before);
    });

    test('which leaves no change behind', async () => {
      const before = await opened.state();
      await ask(`SELECT * FROM ${MAIN}`);
      expect(await opened.state()).toEqual(before);
    });
  });
}
