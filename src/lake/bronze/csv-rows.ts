/**
 * One row of a CSV text; `start` is the offset of `raw`. `fields` are the unquoted values, or
 * undefined where the row is malformed.
 */
export type CsvRow = { raw: string; start: number; fields: string[] | undefined };

/**
 * Yields the rows of whole records without the header, split like an engine's tokeniser: a record
 * of `columns` fields, quoted or plain, or else one line, which is a malformed row. Lines of blanks
 * and tabs are skipped. Used for files that are too wide for a regular expression.
 */
export function* csvRows(text: string, delimiter: string, columns: number): Generator<CsvRow> {
  let at = 0;
  while (at < text.length) {
    const record = recordAt(text, at, delimiter, columns);
    const end = record?.end ?? lineEnd(text, at);
    const raw = text.slice(at, end);
    if (!/^[ \t]*$/.test(raw)) yield { raw, start: at, fields: record?.fields };
    at = text.startsWith('\r\n', end) ? end + 2 : end + 1;
  }
}

/**
 * Parses the record at `start`; undefined unless it has exactly `columns` fields before a line end
 * or the text's end.
 */
function recordAt(
  text: string,
  start: number,
  delimiter: string,
  columns: number,
): { fields: string[]; end: number } | undefined {
  const fields: string[] = [];
  let at = start;
  for (;;) {
    const end = text[at] === '"' ? quotedEnd(text, at) : plainEnd(text, at, delimiter);
    if (end === undefined) return undefined;
    const field = text.slice(at, end);
    fields.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field);
    if (text[end] !== delimiter) {
      const ends = end === text.length || text[end] === '\n' || text[end] === '\r';
      return ends && fields.length === columns ? { fields, end } : undefined;
    }
    if (fields.length === columns) return undefined;
    at = end + 1;
  }
}

/** Returns the offset after the closing quote; undefined where there is none. */
function quotedEnd(text: string, start: number): number | undefined {
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return undefined;
    if (text[quote + 1] !== '"') return quote + 1;
    at = quote + 2;
  }
}

function plainEnd(text: string, start: number, delimiter: string): number {
  let at = start;
  while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') at++;
  return at;
}

function lineEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && text[at] !== '\n' && text[at] !== '\r') at++;
  return at;
}
