const FIELD = /(?:"((?:[^"]|"")*)"|([^",\n]*))([,\n])/gy;

/** Parses whole records of a load file: each field is text, or null if empty and unquoted. */
export function csvRows(text: string): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [];
  for (const [, quoted, plain, end] of text.matchAll(FIELD)) {
    row.push(quoted === undefined ? plain || null : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
