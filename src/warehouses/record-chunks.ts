const QUOTE = 0x22;
const LINE_FEED = 0x0a;

/**
 * Splits a CSV file (RFC 4180, LF) into chunks that end at the end of a record, each of at least
 * `size` bytes except the last. A line feed within quotes ends no record; doubled quotes cancel
 * out.
 */
export async function* recordChunks(
  csv: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array[]> {
  let parts: Uint8Array[] = [];
  let held = 0;
  let quoted = false;
  for await (const bytes of csv) {
    let start = 0;
    while (start < bytes.length) {
      const enough = Math.min(bytes.length, start + Math.max(0, size - 1 - held));
      quoted = quotedAfter(bytes, start, enough, quoted);
      const end = recordEnd(bytes, enough, quoted);
      const whole = end <= bytes.length;
      parts.push(bytes.subarray(start, end));
      held += Math.min(end, bytes.length) - start;
      if (whole) {
        yield parts;
        [parts, held, quoted] = [[], 0, false];
      } else quoted = quotedAfter(bytes, enough, bytes.length, quoted);
      start = end;
    }
  }
  if (parts.length > 0) yield parts;
}

/**
 * Returns true if the text is within quotes at `to`. A separate loop: within the caller it runs at
 * a quarter of the speed.
 */
function quotedAfter(bytes: Uint8Array, from: number, to: number, before: boolean): boolean {
  let odd = before ? 1 : 0;
  for (let i = from; i < to; i++) if (bytes[i] === QUOTE) odd ^= 1;
  return odd === 1;
}

/**
 * Returns the offset after the line feed of the first record that ends at `from` or later; an
 * offset beyond the bytes if none does.
 */
function recordEnd(bytes: Uint8Array, from: number, before: boolean): number {
  let quoted = before;
  for (let i = from; i < bytes.length; i++) {
    if (bytes[i] === QUOTE) quoted = !quoted;
    else if (bytes[i] === LINE_FEED && !quoted) return i + 1;
  }
  return bytes.length + 1;
}
