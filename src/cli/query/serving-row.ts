import { existsSync } from 'node:fs';

import type { Config } from '../../config/config.ts';
import { LakeBusy, WarehouseDamaged } from '../../errors.ts';
import type { Explanation } from '../../lake/customer/explain.ts';
import type { Warehouse } from '../../lake/ports/warehouse.ts';
import { SERVING_VALUES } from '../../medallion/serving-columns.ts';
import { holdLake } from '../wiring/lock.ts';
import { openWarehouse } from '../wiring/wiring.ts';

type Row = Record<(typeof SERVING_VALUES)[number], string | null>;

/**
 * What the serving table holds of a customer: `equal` to gold or not. `other_seq`: it was last made
 * equal to another commit, so nothing is wrong but that a run is due; `differs`: it is at this
 * commit and yet says something else.
 */
export type Serving =
  | { state: 'equal' | 'other_seq' | 'differs'; seq: number | null; row: Row | null }
  | { state: 'not_asked'; why: string };

/**
 * Asks the serving table. A laptop's database is opened by one process at a time, so a run at work
 * is not waited for.
 */
export async function servingRow(config: Config, told: Explanation): Promise<Serving> {
  if (config.warehouse.kind === 'pglite' && !existsSync(config.warehouse.folder))
    return { state: 'not_asked', why: 'there is no serving table yet' };
  if (config.warehouse.kind !== 'pglite') return asked(config, told);
  try {
    await using _lock = await holdLake(config, {
      command: 'purchases explain',
      now: new Date(),
      reading: true,
    });
    return await asked(config, told);
  } catch (error) {
    if (error instanceof LakeBusy) return { state: 'not_asked', why: 'another run holds the lake' };
    if (error instanceof WarehouseDamaged)
      return { state: 'not_asked', why: 'the embedded serving database is damaged' };
    throw error;
  }
}

async function asked(config: Config, told: Explanation): Promise<Serving> {
  const warehouse = await openWarehouse(config, { command: 'purchases explain', reading: true });
  try {
    const { sync } = await warehouse.state();
    const row = await rowOf(warehouse, told.customer_id);
    const seq = sync?.seq ?? null;
    const same =
      row === null
        ? !told.in_gold
        : told.in_gold && SERVING_VALUES.every((column) => row[column] === told[column]);
    return { state: same ? 'equal' : seq === told.gold_seq ? 'differs' : 'other_seq', seq, row };
  } finally {
    await warehouse.close();
  }
}

async function rowOf(warehouse: Warehouse, id: number): Promise<Row | null> {
  const { rows } = await warehouse.query(
    `select ${SERVING_VALUES.join(', ')} from customer_purchase_summary where customer_id = ${id}`,
  );
  const [row] = rows;
  if (row === undefined) return null;
  return Object.fromEntries(
    SERVING_VALUES.map((column, index) => [column, row[index] ?? null]),
  ) as Row;
}
