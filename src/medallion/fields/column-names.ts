/** Unicode blanks, as the SQL of both engines trims them: unlike `\s`, U+0085 is one. */
const BLANK =
  '\\u0009-\\u000d\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff';
const IS_BLANK = new RegExp(`[${BLANK}]`);
const INNER_RUNS = new RegExp(`[${BLANK}-]+`, 'g');

// A pattern with an end, as `[blanks]+$`, would look at a long run of blanks once for each of them.
function trimmedName(name: string): string {
  let [start, end] = [0, name.length];
  while (start < end && IS_BLANK.test(name.charAt(start))) start += 1;
  while (start < end && IS_BLANK.test(name.charAt(end - 1))) end -= 1;
  return name.slice(start, end);
}

/**
 * Normalises a header name for matching: trimmed, ASCII letters in lower case, runs of blanks and
 * hyphens replaced by one `_` (SPEC section 3). Other letters keep their case: lower-casing them
 * differs between engines.
 */
export function normaliseName(name: string): string {
  return trimmedName(name)
    .replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
    .replace(INNER_RUNS, '_');
}
