import { Buffer } from 'node:buffer';

const [QUOTE, COMMA, LINE_FEED] = [0x22, 0x2c, 0x0a];
const NULL = Buffer.from('NULL');

/**
 * Writes the word NULL into each empty unquoted field of a load file, which LOAD DATA would read as
 * an empty text. It reads a quoted "NULL" as text.
 */
export async function* nullWords(csv: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let quoted = false;
  let atStart = true;
  for await (const bytes of csv) {
    const parts: Uint8Array[] = [];
    let from = 0;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i];
      if (byte === QUOTE) quoted = !quoted;
      const ends = !quoted && (byte === COMMA || byte === LINE_FEED);
      if (ends && atStart) {
        parts.push(bytes.subarray(from, i), NULL);
        from = i;
      }
      atStart = ends;
    }
    // An empty chunk would signal the end of the file to the server.
    if (bytes.length > 0) yield Buffer.concat([...parts, bytes.subarray(from)]);
  }
}
