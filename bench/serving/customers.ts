const PIECE = 2000;

/** Number of customers, and how many of them the second load changes: every hundredth. */
export type Customers = { count: number; changed: number };

export const customersOf = (count: number): Customers => ({
  count,
  changed: Math.floor(count / 100),
});

/** Gold as the load file that the pipeline stages: one row per customer, ordered by id. */
export function* goldCsv(count: number): Generator<Uint8Array> {
  yield* inPieces(count, (n) => row(n + 1, total(n + 1)));
}

/** Every hundredth customer again, with one dollar more. */
export function* changedCsv(changed: number): Generator<Uint8Array> {
  yield* inPieces(changed, (n) => row((n + 1) * 100, total((n + 1) * 100) + 100));
}

function* inPieces(count: number, rowOf: (n: number) => string): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  for (let from = 0; from < count; from += PIECE) {
    const size = Math.min(PIECE, count - from);
    yield encoder.encode(Array.from({ length: size }, (_, i) => rowOf(from + i)).join(''));
  }
}

/**
 * In cents, scattered over the customers, so that the index on the total is not filled in order.
 */
const total = (id: number): number => (id * 7919) % 10_000_019;

function row(id: number, cents: number): string {
  const email = id % 50 === 0 ? '' : `"customer${id}@example.com"`;
  const money = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
  const day = String(1 + (id % 28)).padStart(2, '0');
  return `${id},"First${id % 1000} Last${id}",${email},${money},2025-03-${day},2026-09-${day},upsert\n`;
}
