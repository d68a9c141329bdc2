import { byteSet } from '../text/byte-set.ts';

/**
 * Splits a JSON text into its rows without parsing them: `extents` receives the start and end
 * offset of each. `fault` is set, and reading stops, once the text cannot have the layout.
 */
export type JsonSplitter = {
  readonly extents: number[];
  fault(): JsonFault | undefined;
  push(chunk: Uint8Array, offset: number): void;
  end(offset: number): void;
};

export type JsonFault = { what: string; offset: number };

const [TAB, LF, CR, BLANK, QUOTE, BACKSLASH, COMMA] = [0x09, 0x0a, 0x0d, 0x20, 0x22, 0x5c, 0x2c];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Maximum depth; the stack of open brackets takes a byte per level. */
const DEEPEST = 1 << 24;

const IN_STRING = byteSet(QUOTE, BACKSLASH, LF, CR);
const IN_VALUE = byteSet(QUOTE, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT, COMMA);

type Place = 'outside' | 'before' | 'bare' | 'after' | 'closed';

type State = {
  /** True where the whole text is one object, false for an array of values. */
  readonly single: boolean;
  readonly extents: number[];
  stack: Uint8Array;
  depth: number;
  place: Place;
  /** Offset of the current element, and whether a string or escape is open in it. */
  start: number;
  string: boolean;
  escaped: boolean;
  /** True after the end of an object, until a comma follows. */
  objectClosed: boolean;
  elements: number;
  fault: JsonFault | undefined;
};

/**
 * Splits an array into its elements. Faults of the array: an unclosed bracket or string, mismatched
 * brackets (`[{]}`), two values without a comma between, a comma without a value before or after
 * it, and any text after the array. Any other error is inside one element with a known extent: that
 * element is a malformed row.
 */
export function createArraySplitter(): JsonSplitter {
  return splitter(initialState(false));
}

/**
 * Reads the text as one object, by the same rules. A raw line end in a string, or an object
 * directly after an object, is a fault as well: then the text is lines, some of them malformed.
 */
export function createObjectSplitter(): JsonSplitter {
  return splitter({ ...initialState(true), place: 'before' });
}

function initialState(single: boolean): State {
  return {
    single,
    extents: [],
    stack: new Uint8Array(64),
    depth: 0,
    place: 'outside',
    start: 0,
    string: false,
    escaped: false,
    objectClosed: false,
    elements: 0,
    fault: undefined,
  };
}

function splitter(state: State): JsonSplitter {
  return {
    extents: state.extents,
    fault: () => state.fault,
    push(chunk, offset) {
      let at = 0;
      while (at < chunk.length && state.fault === undefined) {
        if (state.string) at = readString(state, chunk, offset, at);
        else if (state.depth > 0) at = readValue(state, chunk, offset, at);
        else at = readTop(state, chunk[at] as number, offset + at) - offset;
      }
    },
    end(offset) {
      if (state.fault !== undefined || state.place === 'closed') return;
      if (state.single && state.place === 'after') return;
      fail(
        state,
        state.string ? 'a string is not closed' : 'the brackets are not all closed',
        offset,
      );
    },
  };
}

/** Reads inside a string, at any depth. */
function readString(state: State, chunk: Uint8Array, offset: number, from: number): number {
  let at = from;
  if (state.escaped) {
    state.escaped = false;
    return at + 1;
  }
  while (at < chunk.length && IN_STRING[chunk[at] as number] === 0) at++;
  if (at === chunk.length) return at;
  const byte = chunk[at];
  if (byte === BACKSLASH) state.escaped = true;
  else if (byte !== QUOTE) {
    if (state.single) fail(state, 'a string holds a line end', offset + at);
  } else {
    state.string = false;
    if (state.depth === 0) endElement(state, offset + at + 1);
  }
  return at + 1;
}

/** Reads inside an element's brackets. */
function readValue(state: State, chunk: Uint8Array, offset: number, from: number): number {
  let at = from;
  while (at < chunk.length && IN_VALUE[chunk[at] as number] === 0) at++;
  if (at === chunk.length) return at;
  const byte = chunk[at] as number;
  if (byte === QUOTE) state.string = true;
  else if (byte === COMMA) state.objectClosed = false;
  else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) open(state, byte, offset + at);
  else close(state, byte, offset + at);
  return at + 1;
}

function open(state: State, bracket: number, offset: number): void {
  if (state.single && state.objectClosed && bracket === OPEN_OBJECT) {
    return fail(state, 'an object follows an object without a comma', offset);
  }
  if (state.depth === DEEPEST)
    return fail(state, `brackets nest deeper than ${DEEPEST} levels`, offset);
  if (state.depth === state.stack.length) {
    const wider = new Uint8Array(state.stack.length * 2);
    wider.set(state.stack);
    state.stack = wider;
  }
  state.stack[state.depth] = bracket;
  state.depth += 1;
  state.objectClosed = false;
}

function close(state: State, bracket: number, offset: number): void {
  const opened = state.stack[state.depth - 1];
  if (opened !== (bracket === CLOSE_OBJECT ? OPEN_OBJECT : OPEN_ARRAY)) {
    return fail(
      state,
      `"${String.fromCharCode(bracket)}" closes a bracket of the other kind`,
      offset,
    );
  }
  state.depth -= 1;
  state.objectClosed = bracket === CLOSE_OBJECT;
  if (state.depth === 0) endElement(state, offset + 1);
}

/** Reads a byte outside of all elements. Returns the offset to continue from. */
function readTop(state: State, byte: number, offset: number): number {
  const blank = byte === BLANK || byte === TAB || byte === LF || byte === CR;
  if (state.place === 'bare' && (blank || byte === COMMA || byte === CLOSE_ARRAY))
    endElement(state, offset);
  if (blank) return offset + 1;
  if (state.place === 'outside') state.place = 'before';
  else if (byte === COMMA && !state.single) nextElement(state, offset);
  else if (byte === CLOSE_ARRAY && !state.single) closeArray(state, offset);
  else if (state.place === 'before') beginElement(state, byte, offset);
  else if (state.place !== 'bare' || startsValue(byte))
    fail(state, unexpected(state, byte), offset);
  return offset + 1;
}

function beginElement(state: State, byte: number, offset: number): void {
  state.start = offset;
  state.objectClosed = false;
  if (byte === CLOSE_OBJECT) fail(state, '"}" closes nothing', offset);
  else if (byte === QUOTE) state.string = true;
  else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) open(state, byte, offset);
  else state.place = 'bare';
}

function endElement(state: State, end: number): void {
  state.extents.push(state.start, end);
  state.elements += 1;
  state.place = 'after';
}

function nextElement(state: State, offset: number): void {
  if (state.place === 'after') state.place = 'before';
  else
    fail(
      state,
      state.place === 'closed' ? 'something follows the array' : 'a value is missing before ","',
      offset,
    );
}

function closeArray(state: State, offset: number): void {
  if (state.place === 'closed') fail(state, 'something follows the array', offset);
  else if (state.place === 'before' && state.elements > 0)
    fail(state, 'a value is missing after the last ","', offset);
  else state.place = 'closed';
}

function startsValue(byte: number): boolean {
  return byte === QUOTE || byte === OPEN_ARRAY || byte === OPEN_OBJECT || byte === CLOSE_OBJECT;
}

function unexpected(state: State, byte: number): string {
  if (state.single) return 'something follows the object';
  if (state.place === 'closed') return 'something follows the array';
  return byte === CLOSE_OBJECT ? '"}" closes nothing' : 'a comma is missing between two values';
}

function fail(state: State, what: string, offset: number): void {
  state.fault ??= { what, offset };
}
