import { Buffer } from 'node:buffer';
import type { Load } from './warehouse.ts';

/** A row of a load file, its columns in order. */
export type LoadRow = [
  customerId: number,
  fullName: string | null,
  email: string | null,
  totalSpentAud: string | null,
  firstPurchaseDate: string | null,
  lastPurchaseDate: string | null,
  operation: 'upsert' | 'delete',
];

/** A customer row of gold, for tests of one or two of its fields. */
export function customer(
  id: number,
  total = '10.00',
  name: string | null = `Customer ${id}`,
): LoadRow {
  return [id, name, `customer${id}@example.com`, total, '2026-01-01', '2026-01-31', 'upsert'];
}

/** A customer who is no longer in gold. */
export function vanished(id: number): LoadRow {
  return [id, null, null, null, null, null, 'delete'];
}

/** The first load (to seq 1) of lake `lake-a`; `rows` is counted from the given rows. */
export function loadOf(rows: readonly LoadRow[], other: Partial<Load> = {}): Load {
  const customers = new Set(rows.map(([id]) => id));
  const load = {
    loadId: 'load-1',
    lake: 'lake-a',
    fromSeq: null,
    toSeq: 1,
    commit: 'c1',
    rows: customers.size,
  };
  return { ...load, ...other };
}

/** The load file of the rows. */
export function loadCsv(rows: readonly LoadRow[]): string {
  return rows
    .map(([id, name, email, total, first, last, operation]) =>
      [id, quote(name), quote(email), total ?? '', first ?? '', last ?? '', quote(operation)].join(
        ',',
      ),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/**
 * Splits the file into pieces of `size` bytes, which end within records, characters and quotes.
 */
export async function* pieces(text: string, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += size)
    yield bytes.subarray(start, start + size);
}

function quote(text: string | null): string {
  return text === null ? '' : `"${text.replaceAll('"', '""')}"`;
}
