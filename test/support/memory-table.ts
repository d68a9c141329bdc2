import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Warehouse } from '../../src/lake/ports/warehouse.ts';
import { emptied, memoryWarehouse } from './tiny-lake.ts';

/** A serving database in memory for all tests of a file, emptied before each. */
export function memoryTable(): { readonly db: PGlite; readonly warehouse: Warehouse } {
  let opened: Awaited<ReturnType<typeof memoryWarehouse>>;
  beforeAll(async () => {
    opened = await memoryWarehouse();
  });
  afterAll(() => opened.warehouse.close());
  beforeEach(() => emptied(opened.db));
  return {
    get db() {
      return opened.db;
    },
    get warehouse() {
      return opened.warehouse;
    },
  };
}
