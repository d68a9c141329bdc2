import type { Lake } from './lake.ts';
import { chainOf } from './lake.ts';
import { heldBy, tablesOf } from './databases.ts';
import type { World } from './world.ts';
import { servingTableText } from '../support/gold-rows.ts';

/**
 * The serving table as a reader sees it, one line per customer. Totals never pass through a binary
 * floating-point number.
 */
export async function tableText(world: World, lake: Lake): Promise<string> {
  const db = world.databases.of(lake.warehouse);
  if (db === undefined || (await tablesOf(db)) === undefined) return '';
  return servingTableText(db);
}

/** Every column of the tables, timestamps included. */
export const tableDump = async (world: World, lake: Lake): Promise<string> =>
  JSON.stringify((await tablesOf(world.databases.of(lake.warehouse))) ?? null);

/** A lake may load a table that is new, or that a commit of its own ledger wrote. */
export async function mayLoad(world: World, lake: Lake): Promise<boolean> {
  const held = await heldBy(world.databases.of(lake.warehouse));
  if (held.lake === null) return held.rows === 0;
  const chain = await chainOf(lake);
  return held.lake === chain.lake && chain.commits.has(held.commit ?? '');
}
