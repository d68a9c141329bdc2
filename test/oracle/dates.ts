import { Temporal } from 'temporal-polyfill';
import { readPattern } from './date-pattern.ts';

/** The content of a date field: a day, a local time, or an instant. */
export type Moment =
  | { kind: 'date'; date: Temporal.PlainDate }
  | { kind: 'local'; local: Temporal.PlainDateTime }
  | { kind: 'instant'; instant: Temporal.Instant };

const DATE = /^([0-9]{4})([-/])([0-9]{2})\2([0-9]{2})$/;
const TIMESTAMP =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]+))?)?(?: ?(Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?))?$/;

/** A valid calendar date, from the year 1 on. */
export function realDate(year: number, month: number, day: number): Temporal.PlainDate | null {
  if (year < 1) return null;
  try {
    return Temporal.PlainDate.from({ year, month, day }, { overflow: 'reject' });
  } catch {
    return null;
  }
}

function offsetMinutes(zone: string): number {
  if (zone === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return zone.startsWith('-') ? -minutes : minutes;
}

function readIso(text: string): Moment | null {
  const day = DATE.exec(text);
  if (day !== null) {
    const date = realDate(Number(day[1]), Number(day[3]), Number(day[4]));
    return date && { kind: 'date', date };
  }
  const parts = TIMESTAMP.exec(text);
  if (parts === null) return null;
  const date = realDate(Number(parts[1]), Number(parts[2]), Number(parts[3]));
  if (date === null) return null;
  const micros = (parts[7] ?? '').slice(0, 6).padEnd(6, '0');
  const local = date.toPlainDateTime({
    hour: Number(parts[4]),
    minute: Number(parts[5]),
    second: Number(parts[6] ?? '0'),
    millisecond: Number(micros.slice(0, 3)),
    microsecond: Number(micros.slice(3)),
  });
  const zone = parts[8];
  if (zone === undefined) return { kind: 'local', local };
  const utc = local.toZonedDateTime('UTC').toInstant();
  return { kind: 'instant', instant: utc.subtract({ minutes: offsetMinutes(zone) }) };
}

function readDeclared(text: string, pattern: string): Moment | null {
  const found = readPattern(text, pattern);
  if (found === null) return null;
  const date = realDate(found.year, found.month, found.day);
  if (date === null) return null;
  return found.time === undefined
    ? { kind: 'date', date }
    : { kind: 'local', local: date.toPlainDateTime(found.time) };
}

/**
 * Reads a date or a timestamp: the ISO forms, then the declared formats; the first that yields a
 * real date.
 */
export function readMoment(text: string, formats: string[]): Moment | null {
  const iso = readIso(text);
  if (iso !== null) return iso;
  for (const pattern of formats) {
    const found = readDeclared(text, pattern);
    if (found !== null) return found;
  }
  return null;
}

/** 'compatible': a time that occurs twice is the first, a skipped one has the offset before it. */
function instantOfLocal(local: Temporal.PlainDateTime, zone: string): Temporal.Instant {
  return local.toZonedDateTime(zone, { disambiguation: 'compatible' }).toInstant();
}

/** The date in the business time zone. Without a source's zone a wall-clock time keeps its date. */
export function dateOf(
  moment: Moment,
  sourceZone: string | undefined,
  businessZone: string,
): Temporal.PlainDate {
  if (moment.kind === 'date') return moment.date;
  if (moment.kind === 'local' && sourceZone === undefined) return moment.local.toPlainDate();
  const instant =
    moment.kind === 'instant'
      ? moment.instant
      : instantOfLocal(moment.local, sourceZone ?? businessZone);
  return instant.toZonedDateTimeISO(businessZone).toPlainDate();
}

/** Microseconds since 1970 in UTC; a date alone begins at its midnight in the zone. */
export function microsOf(moment: Moment, zone: string): bigint {
  const instant =
    moment.kind === 'instant'
      ? moment.instant
      : instantOfLocal(
          moment.kind === 'local' ? moment.local : moment.date.toPlainDateTime(),
          zone,
        );
  return instant.epochNanoseconds / 1000n;
}

/** `2026-01-31T00:00:00.000000Z` */
export function microsAsText(micros: bigint): string {
  return Temporal.Instant.fromEpochNanoseconds(micros * 1000n).toString({
    fractionalSecondDigits: 6,
  });
}

/**
 * The day on which an object arrived: the first real date in its key, else the day of its last
 * change.
 */
export function ingestionDate(
  key: string,
  modified: number,
  businessZone: string,
): Temporal.PlainDate {
  const forms = [
    /^([0-9]{4})\/([0-9]{2})\/([0-9]{2})\//,
    /^([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9])/,
    /^year=([0-9]{4})\/month=([0-9]{2})\/day=([0-9]{2})\//,
  ];
  for (let at = 0; at < key.length; at++) {
    const before = at === 0 ? '/' : (key[at - 1] ?? '/');
    const [slashes, dashes, hive] = forms.map((form) => form.exec(key.slice(at)));
    const parts =
      (before === '/' && (slashes ?? hive)) || (!/[0-9]/.test(before) && dashes) || null;
    const date = parts && realDate(Number(parts[1]), Number(parts[2]), Number(parts[3]));
    if (date) return date;
  }
  const instant = Temporal.Instant.fromEpochMilliseconds(modified * 1000);
  return instant.toZonedDateTimeISO(businessZone).toPlainDate();
}
