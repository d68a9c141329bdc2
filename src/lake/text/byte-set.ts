/**
 * A table with 1 at each of the bytes: one look-up decides, where a chain of comparisons would cost
 * a third of the speed.
 */
export function byteSet(...bytes: number[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of bytes) table[byte] = 1;
  return table;
}
