import { describe, expect, test } from 'vitest';
import { customer, vanished, type LoadRow } from './warehouse-load-rows.ts';
import { dump, dumped, load, MAIN, SECOND, stagedRows, type Opened } from './warehouse-fixture.ts';

export function valuesSurvive(opened: Opened): void {
  describe('values of a load', () => {
    const texts = {
      quotes: 'He said ""no"" and "yes", \'twice\'',
      'an end mark of COPY': '\\.',
      backslashes: '\\N \\t \\\\ C:\\new',
      'tabs and line ends': 'one\ttwo\nthree\r\nfour\n\\.\n',
      'the text NULL': 'NULL',
      'an empty text': '',
      'commas and blanks': ' , a,b ,',
      '255 emoji': '😀'.repeat(255),
      'joined emoji and accents': '👩‍👩‍👧 e\u0301 ß ı 李',
    };
    test.each(Object.entries(texts))('%s are read back unchanged', async (_what, text) => {
      const rows = [customer(1, '1.00', text), customer(2)];
      await load(opened().warehouse, rows);
      expect(await dump(opened().warehouse)).toEqual(dumped(rows));
    });

    test('totals keep every digit, at both ends of DECIMAL(18,2)', async () => {
      const totals = ['9999999999999999.99', '-9999999999999999.99', '0.00', '-0.01', '0.10'];
      const rows = totals.map((total, i) => customer(i + 1, total));
      await load(opened().warehouse, rows);
      expect(await dump(opened().warehouse)).toEqual(dumped(rows));
    });

    test('customer ids are signed 32 bits, dates are dates, and NULL is not an empty text', async () => {
      const rows: LoadRow[] = [
        [-2147483648, null, null, '-5.00', null, null, 'upsert'],
        [2147483647, '', '', '1.00', '1900-01-01', '9999-12-31', 'upsert'],
      ];
      await load(opened().warehouse, rows);
      expect(await dump(opened().warehouse)).toEqual(dumped(rows));
    });
  });
}

export function loadsAreApplied(opened: Opened): void {
  describe('a load', () => {
    test('fills an empty table and records the state', async () => {
      const { warehouse } = opened();
      const result = await load(warehouse, [customer(2), customer(1)]);
      expect(result).toEqual({
        outcome: 'applied',
        seq: 1,
        inserted: 2,
        updated: 0,
        deleted: 0,
        foreign: 0,
      });
      expect(await dump(warehouse)).toEqual(dumped([customer(1), customer(2)]));
      expect(await warehouse.state()).toEqual({
        sync: { lake: 'lake-a', seq: 1, commit: 'c1' },
        empty: false,
        foreign: 0,
      });
      expect(await stagedRows(warehouse)).toBe(0);
    });

    test('inserts, updates and deletes, and counts only changed rows', async () => {
      const { warehouse } = opened();
      await load(warehouse, [customer(1), customer(2), customer(3), customer(4)]);
      const step = [customer(1), customer(2, '99.00'), vanished(3), vanished(77), customer(5)];
      const result = await load(warehouse, step, SECOND);
      expect(result).toEqual({
        outcome: 'applied',
        seq: 2,
        inserted: 1,
        updated: 1,
        deleted: 1,
        foreign: 0,
      });
      expect(await dump(warehouse)).toEqual(
        dumped([customer(1), customer(2, '99.00'), customer(4), customer(5)]),
      );
    });

    test('sets updated_at of changed rows only, and detects a change from or to NULL', async () => {
      const { warehouse, externalSql: outside } = opened();
      await load(warehouse, [customer(1), customer(2), customer(3, '1.00', null)]);
      await outside(`UPDATE ${MAIN} SET updated_at = '2020-01-01 00:00:00'`);
      const step = [customer(1), customer(2, '10.00', null), customer(3, '1.00', 'Now named')];
      expect(await load(warehouse, step, SECOND)).toMatchObject({ inserted: 0, updated: 2 });
      const moved = await warehouse.query(
        `SELECT customer_id FROM ${MAIN} WHERE updated_at > '2020-01-02 00:00:00' ORDER BY customer_id`,
      );
      expect(moved.rows).toEqual([['2'], ['3']]);
    });

    test('without rows still records the new seq', async () => {
      const { warehouse } = opened();
      await load(warehouse, [customer(1)]);
      expect(await load(warehouse, [], SECOND)).toMatchObject({
        outcome: 'applied',
        seq: 2,
        deleted: 0,
      });
      expect((await warehouse.state()).sync?.seq).toBe(2);
    });

    test('of all of gold deletes the customers that it does not hold', async () => {
      const { warehouse } = opened();
      await load(warehouse, [customer(1), customer(2)]);
      const result = await load(warehouse, [customer(2, '3.00'), customer(3)], {
        ...SECOND,
        scope: 'whole',
      });
      expect(result).toMatchObject({ inserted: 1, updated: 1, deleted: 1 });
      expect(await dump(warehouse)).toEqual(dumped([customer(2, '3.00'), customer(3)]));
    });

    test('of all of gold fills a table that was emptied at the newest seq', async () => {
      const { warehouse, externalSql: outside } = opened();
      await load(warehouse, [customer(1), customer(2)]);
      await outside(`DELETE FROM ${MAIN}`);
      const again = { loadId: 'load-2', fromSeq: 1, scope: 'whole' } as const;
      const result = await load(warehouse, [customer(1), customer(2)], again);
      expect(result).toMatchObject({ outcome: 'applied', seq: 1, inserted: 2 });
      expect(await dump(warehouse)).toEqual(dumped([customer(1), customer(2)]));
    });
  });
}
