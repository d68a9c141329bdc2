import type { Lake } from './lake.ts';
import { chainOf } from './lake.ts';
import { heldBy, tablesOf } from './databases.ts';
import type { Row, World } from './world.ts';

const SERVED = [
  'customer_id',
  'full_name',
  'email',
  'total_spent_aud',
  'first_purchase_date',
  'last_purchase_date',
];

/**
 * The serving table as a reader sees it, a line a customer: no total passes through a binary
 * number.
 */
export async function tableText(world: World, lake: Lake): Promise<string> {
  const db = world.databases.of(lake.warehouse);
  if (db === undefined || (await tablesOf(db)) === undefined) return '';
  const columns = SERVED.map((column) => `${column}::text`).join(', ');
  const { rows } = await db.query<Row>(`SELECT ${columns} FROM customer_purchase_summary`);
  return rows
    .map((row) => SERVED.map((column) => row[column] ?? 'null').join(' | '))
    .toSorted()
    .join('\n');
}

/** Everything in the tables, when it was written too. */
export const tableDump = async (world: World, lake: Lake): Promise<string> =>
  JSON.stringify((await tablesOf(world.databases.of(lake.warehouse))) ?? null);

/** A lake may load a table that is new, or that its own ledger's commit made. */
export async function mayLoad(world: World, lake: Lake): Promise<boolean> {
  const held = await heldBy(world.databases.of(lake.warehouse));
  if (held.lake === null) return held.rows === 0;
  const chain = await chainOf(lake);
  return held.lake === chain.lake && chain.commits.has(held.commit ?? '');
}
