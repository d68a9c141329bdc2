import { createLineSplitter } from './json-lines.ts';
import { createArraySplitter, createObjectSplitter, type JsonSplitter } from './json-splitter.ts';
import { Unreadable } from '../text/unreadable.ts';

export type JsonLayout = 'array' | 'lines' | 'object';

/** Facts about a JSON text. `longestRow` is in bytes. */
export type JsonReport = { layout: JsonLayout; rows: number; longestRow: number };

/** Reads a text in order. `finish` returns undefined where it is blank. */
export type JsonReading = { push(text: Buffer): void; finish(): JsonReport | undefined };

const OPEN_ARRAY = 0x5b;
const OPEN_OBJECT = 0x7b;

/**
 * Counts the rows of a JSON text: elements of an array, non-blank lines, or one object over several
 * lines. A text that is neither array nor object is read as lines, which are malformed rows. Throws
 * `Unreadable` where an array is broken.
 */
export function createJsonReading(): JsonReading {
  let offset = 0;
  let layout: JsonLayout | undefined;
  let main: Counted | undefined;
  /** Reads the text as one object for as long as it may be one. */
  let whole: Counted | undefined;

  function begin(first: number): void {
    layout = first === OPEN_ARRAY ? 'array' : 'lines';
    main = counted(first === OPEN_ARRAY ? createArraySplitter() : createLineSplitter());
    if (first === OPEN_OBJECT) whole = counted(createObjectSplitter());
  }

  return {
    push(text) {
      if (layout === undefined) {
        const first = text.find((byte) => !isBlank(byte));
        if (first !== undefined) begin(first);
      }
      main?.push(text, offset);
      whole?.push(text, offset);
      if (whole?.splitter.fault() !== undefined) whole = undefined;
      offset += text.length;
      if (main !== undefined) refuseBroken(main);
    },
    finish() {
      if (layout === undefined || main === undefined) return undefined;
      main.end(offset);
      whole?.end(offset);
      refuseBroken(main);
      // One object on one line is both layouts; several lines are separate rows unless together
      // they are one object.
      const single =
        whole !== undefined && whole.splitter.fault() === undefined && main.rows > 1
          ? whole
          : undefined;
      const { rows, longestRow } = single ?? main;
      return { layout: single === undefined ? layout : 'object', rows, longestRow };
    },
  };
}

export function splitterOf(layout: JsonLayout): JsonSplitter {
  if (layout === 'lines') return createLineSplitter();
  return layout === 'array' ? createArraySplitter() : createObjectSplitter();
}

type Counted = ReturnType<typeof counted>;

function counted(splitter: JsonSplitter) {
  const counts = { splitter, rows: 0, longestRow: 0, push, end };
  function take(): void {
    const { extents } = splitter;
    for (let at = 0; at < extents.length; at += 2) {
      counts.longestRow = Math.max(counts.longestRow, (extents[at + 1] ?? 0) - (extents[at] ?? 0));
    }
    counts.rows += extents.length / 2;
    extents.length = 0;
  }
  function push(text: Buffer, offset: number): void {
    splitter.push(text, offset);
    take();
  }
  function end(offset: number): void {
    splitter.end(offset);
    take();
  }
  return counts;
}

function refuseBroken({ splitter, rows }: Counted): void {
  const fault = splitter.fault();
  if (fault === undefined) return;
  throw new Unreadable(
    `The JSON array is broken at byte ${fault.offset} of the text, after ${rows} elements: ${fault.what}. ` +
      'Correct the array, or send one object a line.',
  );
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d && byte !== 0x0b && byte !== 0x0c);
}
