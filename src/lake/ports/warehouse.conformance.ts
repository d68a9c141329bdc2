import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MAIN, STAGING, type OpenedWarehouse } from './warehouse-fixture.ts';
import type { MigrationStatus } from './warehouse.ts';
import { loadsAreApplied, valuesSurvive } from './warehouse-loads.conformance.ts';
import { loadsInOrder, onlyWholeLoads } from './warehouse-order.conformance.ts';
import { tablesThatFit } from './warehouse-shape.conformance.ts';
import { externalRows, queries, unknownOrigin } from './warehouse-external.conformance.ts';

/**
 * Tests of the `Warehouse` contract. The database is opened once, since that takes seconds, and
 * emptied before each test.
 */
export function warehouseConformance(name: string, open: () => Promise<OpenedWarehouse>): void {
  describe(`${name} is a warehouse`, () => {
    let opened: OpenedWarehouse;
    let announced: MigrationStatus[];
    let applied: string[];

    beforeAll(async () => {
      opened = await open();
      announced = await opened.warehouse.migrations();
      applied = await opened.warehouse.migrate();
    }, 60_000);
    afterAll(() => opened.warehouse.close());
    beforeEach(() =>
      opened.externalSql(`
        DELETE FROM ${MAIN};
        DELETE FROM ${STAGING};
        UPDATE customer_purchase_sync_state SET lake = NULL, seq = NULL, commit = NULL;
      `),
    );

    test('migrations are listed as pending, then applied once', async () => {
      expect(applied[0]).toBe('001-serving-tables');
      expect(announced.filter((migration) => migration.applied)).toEqual([]);
      expect(announced.map((migration) => migration.name)).toEqual(applied);
      expect(await opened.warehouse.migrate()).toEqual([]);
      const after = await opened.warehouse.migrations();
      expect(after.filter((migration) => migration.applied)).toHaveLength(applied.length);
    });

    valuesSurvive(() => opened);
    loadsAreApplied(() => opened);
    onlyWholeLoads(() => opened);
    loadsInOrder(() => opened);
    externalRows(() => opened);
    unknownOrigin(() => opened);
    queries(() => opened);
    tablesThatFit(() => opened);
  });
}
