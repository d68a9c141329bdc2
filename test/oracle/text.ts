const BLANK =
  '\\u0009-\\u000d\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff';
const CONTROL = '\\u0000-\\u0008\\u000e-\\u001f\\u007f-\\u0084\\u0086-\\u009f';
const MAX_LENGTH = 255;

const LEADING = new RegExp(`^[${BLANK}]+`, 'u');
const TRAILING = new RegExp(`[${BLANK}]+$`, 'u');
const BLANKS = new RegExp(`[${BLANK}]+`, 'gu');
const CONTROLS = new RegExp(`[${CONTROL}]`, 'gu');
const BLANKS_AND_HYPHENS = new RegExp(`[${BLANK}-]+`, 'gu');
const NOT_IN_EMAIL = `${BLANK}${CONTROL}@<>(),;:"\\[\\]\\\\`;
const EMAIL = new RegExp(`^[^${NOT_IN_EMAIL}]+@[^${NOT_IN_EMAIL}]+\\.[^${NOT_IN_EMAIL}.]+$`, 'u');

/** The text without the Unicode blanks around it. */
export function trim(text: string): string {
  return text.replace(LEADING, '').replace(TRAILING, '');
}

/** The trimmed text, or null if nothing is left: a blank value is missing. */
export function present(text: string | null): string | null {
  const trimmed = text === null ? '' : trim(text);
  return trimmed === '' ? null : trimmed;
}

/** Only A to Z are lowered: `İ`, `Σ` and the like stay as they are. */
export function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 32));
}

export function codePoints(text: string): number {
  return [...text].length;
}

export function cut(text: string): string {
  return [...text].slice(0, MAX_LENGTH).join('');
}

export function isTooLong(text: string): boolean {
  return codePoints(text) > MAX_LENGTH;
}

/** A name as stored, and true if more than the outer trim was needed. */
export function cleanName(raw: string | null): { value: string | null; repaired: boolean } {
  const trimmed = present(raw);
  if (trimmed === null) return { value: null, repaired: false };
  const oneBlank = trim(trimmed.replace(CONTROLS, '').replace(BLANKS, ' '));
  const cleaned = trim(cut(oneBlank));
  return { value: cleaned === '' ? null : cleaned, repaired: cleaned !== trimmed };
}

/** An e-mail address as stored, and true if a value that was present was dropped. */
export function cleanEmail(raw: string | null): { value: string | null; invalid: boolean } {
  const trimmed = present(raw);
  if (trimmed === null) return { value: null, invalid: false };
  const email = lower(trimmed);
  if (isTooLong(email) || !EMAIL.test(email)) return { value: null, invalid: true };
  return { value: email, invalid: false };
}

/** The form in which a header and a mapping's column name are compared. */
export function normalName(name: string): string {
  return lower(trim(name)).replace(BLANKS_AND_HYPHENS, '_');
}

/** Order of texts as UTF-8 bytes. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}
