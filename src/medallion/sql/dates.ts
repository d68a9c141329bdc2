import type { Token } from './date-format.ts';
import { parseDateFormat } from './date-format.ts';
import type { Dialect } from './dialect.ts';
import { literal, lowered } from './text.ts';
import { localBoundaries, zoneTransitions } from './zones.ts';

const dateWith = (mark: string): string => `\\A[0-9]{4}${mark}[0-9]{2}${mark}[0-9]{2}\\z`;
const TIMESTAMP =
  '\\A([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]((?:[01][0-9]|2[0-3]):[0-5][0-9])(?:(:[0-5][0-9])(\\.[0-9]+)?)?(?: ?(Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?))?\\z';
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAY = 86_400;

const FIELD_PATTERN: Record<Extract<Token, { kind: 'field' }>['field'], string> = {
  yyyy: '([0-9]{4})',
  yy: '([0-9]{2})',
  MMM: '([A-Za-z]{3})',
  MM: '([0-9]{2})',
  M: '([0-9]{1,2})',
  dd: '([0-9]{2})',
  d: '([0-9]{1,2})',
  HH: '([0-9]{2})',
  H: '([0-9]{1,2})',
  hh: '([0-9]{2})',
  h: '([0-9]{1,2})',
  mm: '([0-9]{2})',
  ss: '([0-9]{2})',
  a: '([AaPp][Mm])',
};

/**
 * The text of a date or timestamp in one canonical form: `yyyy-MM-dd` without a time of day,
 * `yyyy-MM-dd HH:mm:ss` (as written, before any offset) with one; null where it is neither ISO nor
 * of a declared format, or no real date. The grammar is tested before the cast, since both engines'
 * casts accept more than dates.
 */
export function canonicalDate(text: string, formats: readonly string[]): string {
  const slashed = `replace(${text}, '/', '-')`;
  const part = (group: number): string => `regexp_extract(${text}, '${TIMESTAMP}', ${group})`;
  const real = (day: string): string => `${day} >= '0001' and try_cast(${day} as date) is not null`;
  const seconds = `case when ${part(3)} = '' then ':00' else ${part(3)} end`;
  const candidates = [
    `case when regexp_like(${text}, '${dateWith('-')}') and ${real(text)} then ${text} end`,
    `case when regexp_like(${text}, '${dateWith('/')}') and ${real(slashed)} then ${slashed} end`,
    `case when regexp_like(${text}, '${TIMESTAMP}') and ${real(part(1))} then concat(${part(1)}, ' ', ${part(2)}, ${seconds}) end`,
    ...formats.map((format) => declaredDate(text, parseDateFormat(format))),
  ];
  return `coalesce(${candidates.join(',\n      ')})`;
}

/**
 * One declared format as a candidate: matched by pattern, rebuilt as canonical text, kept where it
 * is a real date and time.
 */
function declaredDate(text: string, tokens: readonly Token[]): string {
  const fields = tokens.flatMap((token) => (token.kind === 'field' ? [token.field] : []));
  const pattern = `\\A${tokens.map(tokenPattern).join('')}\\z`;
  const group = (...names: string[]): string | undefined => {
    const index = fields.findIndex((field) => names.includes(field));
    return index < 0 ? undefined : `regexp_extract(${text}, ${literal(pattern)}, ${index + 1})`;
  };
  const two = (piece: string | undefined): string =>
    piece === undefined ? `'00'` : `lpad(${piece}, 2, '0')`;
  const shortYear = group('yy');
  const year = shortYear === undefined ? group('yyyy') : `concat('20', ${shortYear})`;
  const monthName = group('MMM');
  const month = monthName === undefined ? two(group('MM', 'M')) : monthNumber(monthName);
  const day = `concat(${year}, '-', ${month}, '-', ${two(group('dd', 'd'))})`;
  const timed = fields.some((field) => ['HH', 'H', 'hh', 'h', 'mm', 'ss'].includes(field));
  const hour = hourOf(group('HH', 'H'), group('hh', 'h'), group('a'));
  const time = `concat(${hour}, ':', ${two(group('mm'))}, ':', ${two(group('ss'))})`;
  const inDay = timed
    ? ` and ${time} between '00:00:00' and '23:59:59' and ${two(group('mm'))} < '60' and ${two(group('ss'))} < '60'`
    : '';
  const whole = timed ? `concat(${day}, ' ', ${time})` : day;
  return `case when regexp_like(${text}, ${literal(pattern)}) and substr(${day}, 1, 4) <> '0000' and try_cast(${day} as date) is not null${inDay} then ${whole} end`;
}

function tokenPattern(token: Token): string {
  if (token.kind === 'field') return FIELD_PATTERN[token.field];
  return [...token.text]
    .map((char) =>
      /[A-Za-z0-9 ,/:_-]/.test(char) ? char : `\\x{${char.codePointAt(0)?.toString(16)}}`,
    )
    .join('');
}

function monthNumber(name: string): string {
  const lower = lowered(name);
  const cases = MONTHS.map(
    (month, index) => `when '${month}' then '${String(index + 1).padStart(2, '0')}'`,
  );
  return `(case ${lower} ${cases.join(' ')} else '00' end)`;
}

function hourOf(
  hour24: string | undefined,
  hour12: string | undefined,
  half: string | undefined,
): string {
  if (hour12 === undefined) return hour24 === undefined ? `'00'` : `lpad(${hour24}, 2, '0')`;
  const number = `try_cast(${hour12} as int)`;
  const afternoon =
    half === undefined ? '0' : `case when ${lowered(half)} = 'pm' then 12 else 0 end`;
  return `(case when ${number} between 1 and 12 then lpad(cast(${number} % 12 + ${afternoon} as string), 2, '0') else '99' end)`;
}

/** Seconds since 1970 of a canonical date text, read as UTC; a plain date is its midnight. */
export function localSeconds(dialect: Dialect, canonical: string): string {
  const piece = (start: number): string =>
    `coalesce(try_cast(nullif(substr(${canonical}, ${start}, 2), '') as int), 0)`;
  const day = dialect.dayNumber(`try_cast(substr(${canonical}, 1, 10) as date)`);
  return `${day} * ${DAY} + ${piece(12)} * 3600 + ${piece(15)} * 60 + ${piece(18)}`;
}

/** The offset in seconds that an ISO timestamp contains; null where it contains none. */
export function writtenOffset(text: string): string {
  const zone = `regexp_extract(${text}, '${TIMESTAMP}', 5)`;
  const sign = `case when substr(${zone}, 1, 1) = '-' then -1 else 1 end`;
  const minutes = `coalesce(try_cast(nullif(substr(replace(${zone}, ':', ''), 4, 2), '') as int), 0)`;
  return `case when ${zone} = 'Z' then 0 when ${zone} <> '' then (${sign}) * (try_cast(substr(${zone}, 2, 2) as int) * 3600 + ${minutes} * 60) end`;
}

/** Microseconds past the second of an ISO timestamp, cut to six digits. */
export function writtenMicros(text: string): string {
  const digits = `substr(regexp_extract(${text}, '${TIMESTAMP}', 4), 2, 6)`;
  return `coalesce(try_cast(nullif(rpad(${digits}, 6, '0'), '000000') as int), 0)`;
}

/**
 * The offset in seconds to subtract from a local time of the zone to get UTC, without changes of
 * the zone after `until` (seconds since 1970).
 */
export function offsetOfLocal(zone: string, local: string, until = Infinity): string {
  const { initialOffset, boundaries } = localBoundaries(zone);
  const points = boundaries.map(({ local: at, offset }) => ({ at, offset }));
  return steps(
    local,
    initialOffset,
    points.filter(({ at }) => at <= until),
  );
}

/**
 * The offset in seconds to add to UTC seconds to get the zone's local time, without changes of the
 * zone after `until`.
 */
export function offsetOfInstant(zone: string, instant: string, until = Infinity): string {
  const { initialOffset, transitions } = zoneTransitions(zone);
  return steps(
    instant,
    initialOffset,
    transitions.filter(({ at }) => at <= until),
  );
}

/**
 * A step function as a balanced tree of comparisons: the table of transitions inside the SQL, so
 * that both engines use the same one.
 */
function steps(
  value: string,
  initial: number,
  points: readonly { at: number; offset: number }[],
): string {
  if (points.length === 0) return String(initial);
  const middle = points.length >> 1;
  const point = points[middle];
  if (point === undefined) return String(initial);
  const below = steps(value, initial, points.slice(0, middle));
  const above = steps(value, point.offset, points.slice(middle + 1));
  return `case when ${value} < ${point.at} then ${below} else ${above} end`;
}

/**
 * The date of a number of seconds since 1970; exact, since the seconds of any calendar date are far
 * below 2^53.
 */
export const dateOfSeconds = (seconds: string): string =>
  `date '1970-01-01' + cast(floor(cast(${seconds} as double) / ${DAY}) as int)`;
