/**
 * Splits a CSV text into records of unquoted fields, for samples of a file. A field with a wrongly
 * closed or unclosed quote continues to the end of its line or the text; the caller skips records
 * whose length differs from the header's.
 */
export function csvRecords(text: string, delimiter: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    const { value, end } =
      text[at] === '"' ? quotedField(text, at) : plainField(text, at, delimiter);
    record.push(value);
    at = end;
    if (text[at] === delimiter) {
      at += 1;
      if (at === text.length) record.push('');
      continue;
    }
    at = afterLineEnds(text, at);
    records.push(record);
    record = [];
  }
  if (record.length > 0) records.push(record);
  return records;
}

/** Skips the rest of a line with a wrongly closed quote, and line ends. */
function afterLineEnds(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== '\n' && text[at] !== '\r') at += 1;
  while (text[at] === '\r' || text[at] === '\n') at += 1;
  return at;
}

type Field = { value: string; end: number };

function plainField(text: string, start: number, delimiter: string): Field {
  let end = start;
  while (end < text.length && text[end] !== delimiter && text[end] !== '\n' && text[end] !== '\r')
    end += 1;
  return { value: text.slice(start, end), end };
}

function quotedField(text: string, start: number): Field {
  let end = start + 1;
  for (;;) {
    const quote = text.indexOf('"', end);
    if (quote < 0) return { value: text.slice(start + 1), end: text.length };
    end = quote + 1;
    if (text[end] !== '"') break;
    end += 1;
  }
  return { value: text.slice(start + 1, end - 1).replaceAll('""', '"'), end };
}
