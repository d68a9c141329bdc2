import type { JsonSplitter } from './json-splitter.ts';

const [TAB, LF, CR, BLANK] = [0x09, 0x0a, 0x0d, 0x20];

/**
 * Splits a text into its non-blank lines, trimmed. LF, CRLF and CR end a line. Every text is valid:
 * there is no fault.
 */
export function createLineSplitter(): JsonSplitter {
  const extents: number[] = [];
  /**
   * Offset of the line's first non-blank byte, and the end of its last one in earlier chunks.
   */
  let start = -1;
  let inkEnd = -1;

  function endLine(chunk: Uint8Array, offset: number, at: number): void {
    if (start >= 0) extents.push(start, endOfInk(chunk, offset, at));
    start = -1;
  }

  function endOfInk(chunk: Uint8Array, offset: number, at: number): number {
    const least = Math.max(0, start - offset);
    for (let back = at - 1; back >= least; back--) {
      if (chunk[back] !== BLANK && chunk[back] !== TAB) return offset + back + 1;
    }
    return inkEnd;
  }

  return {
    extents,
    fault: () => undefined,
    push(chunk, offset) {
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at] as number;
        if (byte > BLANK) {
          if (start < 0) start = offset + at;
        } else if (byte === LF || byte === CR) endLine(chunk, offset, at);
        else if (start < 0 && byte !== BLANK && byte !== TAB) start = offset + at;
      }
      if (start >= 0) inkEnd = endOfInk(chunk, offset, chunk.length);
    },
    end(offset) {
      endLine(new Uint8Array(0), offset, 0);
    },
  };
}
