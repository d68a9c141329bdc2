import { describe, expect, test } from 'vitest';
import { LoadIncomplete } from '../../errors.ts';
import { customer, loadCsv, loadOf, pieces, vanished } from './warehouse-load-rows.ts';
import { dump, dumped, load, SECOND, stagedRows, type Opened } from './warehouse-fixture.ts';

export function onlyWholeLoads(opened: Opened): void {
  describe('an incomplete load', () => {
    test('is refused when rows are missing, and nothing changes', async () => {
      const { warehouse } = opened();
      await load(warehouse, [customer(1)]);
      const staged = load(warehouse, [customer(1, '5.00'), customer(2)], { ...SECOND, rows: 3 });
      await expect(staged).rejects.toThrow(LoadIncomplete);
      expect(await dump(warehouse)).toEqual(dumped([customer(1)]));
      expect((await warehouse.state()).sync?.seq).toBe(1);
    });

    test('is refused when it holds more customers than its `rows`', async () => {
      await expect(
        load(opened().warehouse, [customer(1), customer(2)], { rows: 1 }),
      ).rejects.toThrow(LoadIncomplete);
    });

    test('counts an exact repeat of a row once', async () => {
      const { warehouse } = opened();
      const unnamed = customer(2, '2.00', null);
      const result = await load(warehouse, [customer(1), unnamed, customer(1), unnamed, unnamed]);
      expect(result).toMatchObject({ outcome: 'applied', inserted: 2, updated: 0 });
      expect(await dump(warehouse)).toEqual(dumped([customer(1), unnamed]));
    });

    test.each([
      ['totals', customer(1, '2.00')],
      ['names', customer(1, '1.00', null)],
      ['operations', vanished(1)],
    ])(
      'is refused when two rows of a customer differ in their %s',
      async (_what, contradiction) => {
        const rows = [customer(1, '1.00'), contradiction, customer(2)];
        await expect(load(opened().warehouse, rows)).rejects.toThrow(/differing rows/);
        expect(await dump(opened().warehouse)).toEqual([]);
      },
    );

    test('leaves nothing staged when its file ends with an error, and can be staged again', async () => {
      const { warehouse } = opened();
      const rows = [customer(1), customer(2)];
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield* pieces(loadCsv([customer(1, '66.00')]));
        throw new Error('the disk is gone');
      }
      await expect(warehouse.stage(loadOf(rows), broken())).rejects.toThrow('the disk is gone');
      expect(await stagedRows(warehouse)).toBe(0);
      expect(await load(warehouse, rows)).toMatchObject({ outcome: 'applied', inserted: 2 });
    });

    test('is removed when the next load is staged, under the same or another id', async () => {
      const { warehouse } = opened();
      for (const loadId of ['abandoned', 'load-1', 'load-1']) {
        await warehouse.stage(
          loadOf([], { loadId }),
          pieces(loadCsv([customer(1, '66.00'), customer(9)])),
        );
      }
      expect(await load(warehouse, [customer(1)])).toMatchObject({
        outcome: 'applied',
        inserted: 1,
      });
      expect(await dump(warehouse)).toEqual(dumped([customer(1)]));
      expect(await stagedRows(warehouse)).toBe(0);
    });
  });
}

export function loadsInOrder(opened: Opened): void {
  describe('a load at the wrong time', () => {
    test('changes nothing and returns `already` when the table is at its seq and commit', async () => {
      const { warehouse } = opened();
      await load(warehouse, [customer(1, '1.00')]);
      const again = loadOf([customer(1, '1.00')]);
      const nothing = {
        outcome: 'already',
        seq: 1,
        inserted: 0,
        updated: 0,
        deleted: 0,
        foreign: 0,
      };
      expect(await warehouse.upsert(again)).toEqual(nothing);
      expect(await load(warehouse, [customer(1, '1.00')])).toEqual(nothing);
      expect(await dump(warehouse)).toEqual(dumped([customer(1, '1.00')]));
      expect(await stagedRows(warehouse)).toBe(0);
    });

    test.each([
      [
        'starts at a seq before that of the table',
        { loadId: 'late', fromSeq: 1, toSeq: 3, commit: 'c3' },
      ],
      [
        'starts at a seq after that of the table',
        { loadId: 'early', fromSeq: 3, toSeq: 4, commit: 'c4' },
      ],
      ['expects an empty table', { loadId: 'blind', fromSeq: null, toSeq: 3, commit: 'c3' }],
      ['goes backwards', { loadId: 'back', fromSeq: 2, toSeq: 1, commit: 'c1' }],
    ])('is stale when it %s, and changes nothing', async (_what, wrong) => {
      const { warehouse } = opened();
      await load(warehouse, [customer(1)]);
      await load(warehouse, [customer(1, '2.00')], SECOND);
      expect(await load(warehouse, [customer(1, '66.00'), customer(2)], wrong)).toMatchObject({
        outcome: 'stale',
        seq: 2,
        updated: 0,
      });
      expect(await dump(warehouse)).toEqual(dumped([customer(1, '2.00')]));
      expect(await stagedRows(warehouse)).toBe(0);
    });

    test('is stale when it starts at a seq and the table is empty', async () => {
      expect(await load(opened().warehouse, [customer(1)], SECOND)).toMatchObject({
        outcome: 'stale',
        seq: null,
      });
    });
  });
}
