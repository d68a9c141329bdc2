import { join } from 'node:path';
import type { Contender } from '../contenders.ts';
import type { Databases } from '../database.ts';
import { increment, input, layOut } from '../input.ts';
import { inOwnPlace, oneRun, type Run, shown } from './work.ts';

const SMALLEST = 100_000;
/** Rows of the increment that is the same for any size of the history. */
const ADDED = 10_000;

/**
 * At each size: the first run, then a file of the same number of rows at every size, then one of a
 * thousandth of the rows.
 */
export type Grown = { rows: number; full: Run; fixed: Run; thousandth: Run };
export type Growth = { added: number; sizes: Grown[] };

export async function growth(
  databases: Databases,
  product: Contender,
  growTo: number,
  log: (line: string) => void,
): Promise<Growth> {
  const sizes: Grown[] = [];
  for (const rows of sizesTo(growTo)) {
    const grown = await grow(databases, product, rows);
    sizes.push(grown);
    log(
      `${rows} rows: ${shown(grown.full)}; ${ADDED} more: ${shown(grown.fixed)}; a thousandth more: ${shown(grown.thousandth)}`,
    );
  }
  return { added: ADDED, sizes };
}

/** 1, 3, 10, 30 … times the smallest size, up to the largest, which is included. */
export function sizesTo(largest: number): number[] {
  const sizes: number[] = [];
  for (let decade = SMALLEST; decade < largest; decade *= 10)
    sizes.push(...[decade, 3 * decade].filter((size) => size < largest));
  return [...sizes, largest];
}

async function grow(databases: Databases, product: Contender, rows: number): Promise<Grown> {
  const whole = await input(rows);
  return inOwnPlace(databases, product, `growth_${rows}`, async (task) => {
    const bronze = join(task.folder, 'bronze');
    await layOut(whole, bronze);
    const full = await oneRun(product, task);
    await layOut(await increment(whole, ADDED, 1), bronze);
    const fixed = await oneRun(product, task);
    await layOut(await increment(whole, Math.ceil(rows / 1000), 2), bronze);
    return { rows, full, fixed, thousandth: await oneRun(product, task) };
  });
}
