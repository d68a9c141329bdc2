const FIELDS = [
  'yyyy',
  'yy',
  'MMM',
  'MM',
  'M',
  'dd',
  'd',
  'HH',
  'H',
  'hh',
  'h',
  'mm',
  'ss',
  'a',
] as const;

export type DateField = (typeof FIELDS)[number];

/** One piece of a declared date format: a field of the date, or literal text. */
export type Token = { kind: 'field'; field: DateField } | { kind: 'text'; text: string };

type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'am or pm';

const PARTS: Record<DateField, Part> = {
  yyyy: 'year',
  yy: 'year',
  MMM: 'month',
  MM: 'month',
  M: 'month',
  dd: 'day',
  d: 'day',
  HH: 'hour',
  H: 'hour',
  hh: 'hour',
  h: 'hour',
  mm: 'minute',
  ss: 'second',
  a: 'am or pm',
};

/** Common mistakes in letters, with their correction in CLDR's spelling. */
const CONFUSED: Record<string, string> = {
  YYYY: 'yyyy is the year (YYYY is the year of the week)',
  YY: 'yy is the year (YY is the year of the week)',
  Y: 'yyyy is the year',
  y: 'yyyy is the year',
  DD: 'dd is the day of the month (DD is the day of the year)',
  D: 'd is the day of the month (D is the day of the year)',
  m: 'mm are the minutes, M is the month',
  s: 'ss are the seconds',
  MMMM: 'MMM is the month in three English letters',
  A: 'a is am or pm',
};

/**
 * Parses a CLDR date pattern: `yyyy yy MMM MM M dd d HH H hh h mm ss a`, quoted text, and any
 * character that is no ASCII letter as itself. Errors: an `Error` that describes the fault of the
 * pattern.
 */
export function parseDateFormat(pattern: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < pattern.length) {
    const piece = nextPiece(pattern, at);
    append(tokens, piece.token);
    at += piece.length;
  }
  if (pattern !== pattern.trim())
    throw new Error('starts or ends with a blank, which a trimmed value never has');
  checkParts(tokens);
  checkWidths(tokens);
  return tokens;
}

function nextPiece(pattern: string, at: number): { token: Token; length: number } {
  const rest = pattern.slice(at);
  if (rest.startsWith("''")) return { token: { kind: 'text', text: "'" }, length: 2 };
  const [quoted, inside] = /^'((?:[^']|'')+)'/.exec(rest) ?? [];
  if (quoted !== undefined && inside !== undefined)
    return { token: { kind: 'text', text: inside.replaceAll("''", "'") }, length: quoted.length };
  if (rest.startsWith("'")) throw new Error('has a quote that is never closed');
  const letters = /^([A-Za-z])\1*/.exec(rest)?.[0];
  if (letters === undefined) return { token: { kind: 'text', text: rest.charAt(0) }, length: 1 };
  return { token: { kind: 'field', field: knownField(letters) }, length: letters.length };
}

function knownField(letters: string): DateField {
  const field = FIELDS.find((known) => known === letters);
  if (field !== undefined) return field;
  const confused = CONFUSED[letters];
  const help =
    confused === undefined
      ? `known are ${FIELDS.join(' ')}; quote plain text: '${letters}'`
      : confused;
  throw new Error(`holds the unknown letters ${letters}: ${help}`);
}

function append(tokens: Token[], token: Token): void {
  const last = tokens.at(-1);
  if (token.kind === 'text' && last?.kind === 'text') last.text += token.text;
  else tokens.push(token);
}

function checkParts(tokens: Token[]): void {
  const held = new Map<Part, DateField>();
  for (const token of tokens) {
    if (token.kind === 'text') continue;
    const part = PARTS[token.field];
    const other = held.get(part);
    if (other !== undefined)
      throw new Error(`holds the ${part} twice (${other} and ${token.field})`);
    held.set(part, token.field);
  }
  if (!held.has('year')) throw new Error('has no year (yyyy or yy)');
  if (!held.has('month'))
    throw new Error(`has no month (MM, M or MMM${held.has('minute') ? '; mm are minutes' : ''})`);
  if (!held.has('day')) throw new Error('has no day (dd or d)');
  checkTime(held);
}

function checkTime(held: Map<Part, DateField>): void {
  const twelve = held.get('hour')?.startsWith('h') ?? false;
  if (twelve && !held.has('am or pm'))
    throw new Error('has h, the hour of 12, without a (am or pm); H is the hour of 24');
  if (held.has('am or pm') && !twelve)
    throw new Error('has a (am or pm) without h or hh, the hour of 12');
  if (held.has('minute') && !held.has('hour'))
    throw new Error('has minutes (mm) without an hour; MM is the month');
  if (held.has('second') && !held.has('minute'))
    throw new Error('has seconds (ss) without minutes (mm)');
}

/** Two adjacent fields of one or two digits are ambiguous: `111` is 1/11 and 11/1. */
function checkWidths(tokens: Token[]): void {
  let open: DateField | undefined;
  for (const token of tokens) {
    if (token.kind === 'text' || token.field === 'MMM' || token.field === 'a') open = undefined;
    else if (['M', 'd', 'H', 'h'].includes(token.field)) {
      if (open !== undefined)
        throw new Error(`has ${open} and ${token.field} with nothing between to separate them`);
      open = token.field;
    }
  }
}
