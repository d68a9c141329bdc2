import { Buffer } from 'node:buffer';

const [QUOTE, COMMA, LINE_FEED] = [0x22, 0x2c, 0x0a];
const NULL = Buffer.from('NULL');

/**
 * The bytes of a load file with the word NULL in each empty unquoted field, which LOAD DATA would
 * read as an empty text. A quoted "NULL" stays a text to it.
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
    // An empty piece would tell the server that the file has ended.
    if (bytes.length > 0) yield Buffer.concat([...parts, bytes.subarray(from)]);
  }
}
