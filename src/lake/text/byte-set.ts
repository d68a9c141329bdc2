/**
 * Builds a table with 1 at each of the bytes. A lookup is faster than a chain of comparisons, which
 * costs a third of the speed.
 */
export function byteSet(...bytes: number[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of bytes) table[byte] = 1;
  return table;
}
