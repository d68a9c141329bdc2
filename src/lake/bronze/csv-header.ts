import { Unreadable } from '../text/unreadable.ts';

export type Delimiter = ',' | ';' | '\t' | '|';

const DELIMITERS: readonly Delimiter[] = [',', ';', '\t', '|'];
const [TAB, LF, CR, BLANK, QUOTE] = [0x09, 0x0a, 0x0d, 0x20, 0x22];

/** A header is buffered until it is complete: 16 MB are a million columns. */
const LONGEST_HEADER = 16 << 20;

export type Header = {
  delimiter: Delimiter;
  /** Names as written, unquoted. */
  names: string[];
  /** Offset of the first byte after the header's line end. */
  end: number;
};

/**
 * Finds the first record that is not a line of blanks and tabs, and parses it with the declared
 * delimiter or else with the one that results in most columns. Returns `undefined` where `text`
 * does not hold all of it yet (never if `final`), `'none'` where there is no such record. Throws
 * `Unreadable` where its quotes are wrong.
 */
export function findHeader(
  text: Buffer,
  final: boolean,
  declared?: Delimiter,
): Header | 'none' | undefined {
  const start = afterBlankLines(text);
  const tooLong = text.length > LONGEST_HEADER;
  if (start === text.length && final) return 'none';
  if (start === text.length && !tooLong) return undefined;
  let best: { delimiter: Delimiter; record: HeaderRecord } | undefined;
  for (const delimiter of declared === undefined ? DELIMITERS : [declared]) {
    const record = parseRecord(text, start, delimiter, final);
    if (record === 'incomplete' && !final && !tooLong) return undefined;
    if (typeof record === 'string') continue;
    if (best === undefined || record.fields.length > best.record.fields.length)
      best = { delimiter, record };
  }
  if (best === undefined) throw brokenHeader(start, tooLong);
  const names = best.record.fields.map(([from, to]) => unquoted(text, from, to));
  return { delimiter: best.delimiter, names, end: best.record.end };
}

function brokenHeader(start: number, tooLong: boolean): Unreadable {
  return new Unreadable(
    tooLong
      ? `The header, at byte ${start} of the text, does not end within ${LONGEST_HEADER} bytes. Is this a CSV file?`
      : `The header, at byte ${start} of the text, has a quote that is closed wrongly or never. Correct the quotes of the first line.`,
  );
}

/** Returns the offset of the first line that is not blanks and tabs, or the end of the text. */
function afterBlankLines(text: Buffer): number {
  let line = 0;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at];
    if (byte === LF || byte === CR) line = at + 1;
    else if (byte !== BLANK && byte !== TAB) return line;
  }
  return text.length;
}

type HeaderRecord = { fields: [from: number, to: number][]; end: number };

/** Parses one record of any number of columns. A CR at the end of `text` may be part of a CRLF. */
function parseRecord(
  text: Buffer,
  start: number,
  delimiter: Delimiter,
  final: boolean,
): HeaderRecord | 'broken' | 'incomplete' {
  const separator = delimiter.charCodeAt(0);
  const fields: [number, number][] = [];
  let at = start;
  for (;;) {
    const from = at;
    if (text[at] === QUOTE) {
      at = afterQuoted(text, at);
      if (at > text.length) return 'incomplete';
      if (at === text.length && !final) return 'incomplete';
    } else {
      while (at < text.length && text[at] !== separator && text[at] !== LF && text[at] !== CR) at++;
    }
    fields.push([from, at]);
    if (text[at] === separator) at++;
    else if (at === text.length) return final ? { fields, end: at } : 'incomplete';
    else if (text[at] === LF) return { fields, end: at + 1 };
    else if (text[at] !== CR) return 'broken';
    else if (at + 1 === text.length && !final) return 'incomplete';
    else return { fields, end: text[at + 1] === LF ? at + 2 : at + 1 };
  }
}

/** Returns the offset after the closing quote; beyond the text where there is none. */
function afterQuoted(text: Buffer, open: number): number {
  let at = open + 1;
  for (;;) {
    at = text.indexOf(QUOTE, at);
    if (at === -1) return text.length + 1;
    if (text[at + 1] !== QUOTE) return at + 1;
    at += 2;
  }
}

function unquoted(text: Buffer, from: number, to: number): string {
  const written = text.toString('utf8', from, to);
  return written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written;
}
