export type CsvTable = { header: string[]; rows: ({ fields: string[] } | { malformed: string })[] };

type Field = { value: string; next: number };

const DELIMITERS = [',', ';', '\t', '|'];

function isLineEnd(text: string, at: number): boolean {
  return at >= text.length || text[at] === '\n' || text[at] === '\r';
}

/** The start of the next line, from the end of this one. */
function afterLineEnd(text: string, at: number): number {
  return text[at] === '\r' && text[at + 1] === '\n' ? at + 2 : Math.min(at + 1, text.length);
}

function endOfLine(text: string, from: number): number {
  let at = from;
  while (!isLineEnd(text, at)) at++;
  return at;
}

/** A quoted field: up to the quote that is not doubled. Null if there is none. */
function quotedField(text: string, from: number): Field | null {
  let value = '';
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] !== '"') value += text[at];
    else if (text[at + 1] === '"') value += text[at++];
    else return { value, next: at + 1 };
  }
  return null;
}

function plainField(text: string, from: number, delimiter: string): Field {
  let at = from;
  while (!isLineEnd(text, at) && text[at] !== delimiter) at++;
  return { value: text.slice(from, at), next: at };
}

/**
 * One record by RFC 4180 from a position in the text; null if a quote is closed wrongly or never.
 */
function record(
  text: string,
  from: number,
  delimiter: string,
): { fields: string[]; end: number } | null {
  const fields: string[] = [];
  let at = from;
  for (;;) {
    const field = text[at] === '"' ? quotedField(text, at) : plainField(text, at, delimiter);
    if (field === null) return null;
    fields.push(field.value);
    at = field.next;
    if (isLineEnd(text, at)) return { fields, end: at };
    if (text[at] !== delimiter) return null;
    at++;
  }
}

function isBlank(raw: string): boolean {
  return /^[ \t]*$/.test(raw);
}

function startOfHeader(text: string): number {
  let at = 0;
  while (at < text.length && isBlank(text.slice(at, endOfLine(text, at)))) {
    at = afterLineEnd(text, endOfLine(text, at));
  }
  return at;
}

/** The delimiter, of four, that gives the header the most columns; the earlier one of equals. */
function guessDelimiter(text: string, from: number): string {
  let best = { delimiter: ',', columns: 0 };
  for (const delimiter of DELIMITERS) {
    const columns = record(text, from, delimiter)?.fields.length ?? 0;
    if (columns > best.columns) best = { delimiter, columns };
  }
  return best.delimiter;
}

/**
 * Splits a text into its header and its rows. A row without the header's number of fields is one
 * malformed row, its first line. Null for a text without any row; `unreadable` for a header whose
 * quotes are closed wrongly.
 */
export function readCsv(
  text: string,
  declared: string | undefined,
): CsvTable | 'unreadable' | null {
  const from = startOfHeader(text);
  if (from >= text.length) return null;
  const delimiter = declared ?? guessDelimiter(text, from);
  const header = record(text, from, delimiter);
  if (header === null) return 'unreadable';
  const rows: CsvTable['rows'] = [];
  let at = afterLineEnd(text, header.end);
  while (at < text.length) {
    const found = record(text, at, delimiter);
    const good = found !== null && found.fields.length === header.fields.length ? found : null;
    const end = good?.end ?? endOfLine(text, at);
    const raw = text.slice(at, end);
    if (!isBlank(raw)) rows.push(good === null ? { malformed: raw } : { fields: good.fields });
    at = afterLineEnd(text, end);
  }
  return { header: header.fields, rows };
}
