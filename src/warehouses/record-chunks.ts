const QUOTE = 0x22;
const LINE_FEED = 0x0a;

/**
 * The bytes of a CSV file (RFC 4180, LF) in pieces that end where a record ends, each of at least `size`
 * bytes but the last. A line feed within quotes ends no record; doubled quotes cancel out.
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
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] === QUOTE) quoted = !quoted;
      else if (bytes[i] === LINE_FEED && !quoted && held + i + 1 - start >= size) {
        yield [...parts, bytes.subarray(start, i + 1)];
        [parts, held, start] = [[], 0, i + 1];
      }
    }
    if (start < bytes.length) parts.push(bytes.subarray(start));
    held += bytes.length - start;
  }
  if (parts.length > 0) yield parts;
}
