import { createReadStream } from 'node:fs';
import type { Load, Warehouse } from '../../src/lake/ports/warehouse.ts';
import { openMysql } from '../../src/warehouses/mysql/warehouse.ts';
import { openPostgres } from '../../src/warehouses/postgres/warehouse.ts';
import type { Customers } from './customers.ts';

/** Seconds of one load: into staging, and from there into the serving table. */
export type Loaded = { stage: number; upsert: number };

export type ProductLoads = { first: Loaded; change: Loaded };

/** The files of both loads. */
export type Files = { gold: string; changed: string };

export const open = (url: string): Warehouse =>
  (url.startsWith('mysql:') ? openMysql : openPostgres)({ url, random: Math.random });

/**
 * A first load of all customers into an empty table, then a load of those that changed. Error: a
 * load was not applied to exactly its customers.
 */
export async function loadProduct(
  url: string,
  files: Files,
  customers: Customers,
): Promise<ProductLoads> {
  const warehouse = open(url);
  const { count, changed } = customers;
  const first = await timed(warehouse, files.gold, { fromSeq: null, toSeq: 1, rows: count });
  const change = await timed(warehouse, files.changed, { fromSeq: 1, toSeq: 2, rows: changed });
  return { first, change };
}

type Step = Pick<Load, 'fromSeq' | 'toSeq' | 'rows'>;

async function timed(warehouse: Warehouse, file: string, step: Step): Promise<Loaded> {
  const load = { loadId: `bench-${step.toSeq}`, lake: 'bench', commit: `c${step.toSeq}`, ...step };
  const started = performance.now();
  await warehouse.stage(load, createReadStream(file, { highWaterMark: 1 << 20 }));
  const staged = performance.now();
  const { outcome, inserted, updated } = await warehouse.upsert(load);
  const ended = performance.now();
  if (outcome !== 'applied' || inserted + updated !== step.rows)
    throw new Error(`${warehouse.name}: ${outcome}, ${inserted} inserted, ${updated} updated`);
  return { stage: (staged - started) / 1000, upsert: (ended - staged) / 1000 };
}
