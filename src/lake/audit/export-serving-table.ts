import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { SERVING_LIST } from '../../medallion/gold/serving-columns.ts';
import type { Workspace } from '../ports/engine.ts';
import type { Warehouse } from '../ports/warehouse.ts';

/** Rows per query: a page is about 10 MB. */
const PAGE = 50_000;

/**
 * Writes the serving table to a local file of JSON lines. Values are text as the database prints
 * them, or null. Returns the file's path.
 */
export async function servedLines(
  { scratch, signal }: Workspace,
  warehouse: Warehouse,
): Promise<string> {
  const path = join(scratch, 'served.ndjson');
  await pipeline(Readable.from(linesOf(warehouse)), createWriteStream(path), { signal });
  return path;
}

async function* linesOf(warehouse: Warehouse): AsyncGenerator<string> {
  let after = '';
  while (true) {
    const { columns, rows } = await warehouse.query(
      `SELECT ${SERVING_LIST} FROM customer_purchase_summary${after} ORDER BY customer_id LIMIT ${PAGE}`,
    );
    const names = columns.map((name) => name.toLowerCase());
    for (const row of rows)
      yield `${JSON.stringify(Object.fromEntries(names.map((name, index) => [name, row[index] ?? null])))}\n`;
    const last = rows.at(-1)?.[names.indexOf('customer_id')];
    if (rows.length < PAGE || last === undefined) return;
    after = ` WHERE customer_id > ${last}`;
  }
}
