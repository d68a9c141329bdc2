import { existsSync } from 'node:fs';

import type { Config } from '../../config/config.ts';
import { LakeBusy, WarehouseDamaged } from '../../errors.ts';
import type { Explanation } from '../../lake/customer/explain.ts';
import type { Warehouse } from '../../lake/ports/warehouse.ts';
import { SERVING_VALUES } from '../../medallion/gold/serving-columns.ts';
import { holdLake } from '../wiring/lock.ts';
import { openWarehouse } from '../wiring/wiring.ts';

type Row = Record<(typeof SERVING_VALUES)[number], string | null>;

/**
 * A customer's row in the serving table, compared with gold. `other_seq`: the table is at another
 * commit, so a run is due. `differs`: the table is at this commit but its row differs.
 */
export type Serving =
  | { state: 'equal' | 'other_seq' | 'differs'; seq: number | null; row: Row | null }
  | { state: 'not_asked'; why: string };

/**
 * Queries the serving table. An embedded database allows one process at a time; this does not wait
 * for a run that has it open.
 */
export async function servingRow(config: Config, explained: Explanation): Promise<Serving> {
  if (config.warehouse.kind === 'pglite' && !existsSync(config.warehouse.folder))
    return { state: 'not_asked', why: 'there is no serving table yet' };
  if (config.warehouse.kind !== 'pglite') return queried(config, explained);
  try {
    await using _lock = await holdLake(config, {
      command: 'purchases explain',
      now: new Date(),
      reading: true,
    });
    return await queried(config, explained);
  } catch (error) {
    if (error instanceof LakeBusy) return { state: 'not_asked', why: 'another run holds the lake' };
    if (error instanceof WarehouseDamaged)
      return { state: 'not_asked', why: 'the embedded serving database is damaged' };
    throw error;
  }
}

async function queried(config: Config, explained: Explanation): Promise<Serving> {
  const warehouse = await openWarehouse(config, { command: 'purchases explain', reading: true });
  try {
    const { sync } = await warehouse.state();
    const row = await rowOf(warehouse, explained.customer_id);
    const seq = sync?.seq ?? null;
    const same =
      row === null
        ? !explained.in_gold
        : explained.in_gold && SERVING_VALUES.every((column) => row[column] === explained[column]);
    return {
      state: same ? 'equal' : seq === explained.gold_seq ? 'differs' : 'other_seq',
      seq,
      row,
    };
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
