import { type DateField, parseDateFormat, type Token } from '../../medallion/sql/date-format.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const PATTERNS: Record<DateField, string> = {
  yyyy: '\\d{4}',
  yy: '\\d{2}',
  MMM: '[A-Za-z]{3}',
  MM: '\\d{2}',
  M: '\\d{1,2}',
  dd: '\\d{2}',
  d: '\\d{1,2}',
  HH: '\\d{2}',
  H: '\\d{1,2}',
  hh: '\\d{2}',
  h: '\\d{1,2}',
  mm: '\\d{2}',
  ss: '\\d{2}',
  a: '[AaPp][Mm]',
};

const ISO_DATE = /^(\d{4})([-/])(\d{2})\2(\d{2})$/;
const ISO_TIMESTAMP =
  /^(\d{4})-(\d{2})-(\d{2})[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?( ?(?:Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?))?$/;

/**
 * Classifies a value that the rules read without a declared format: a date, or a timestamp with or
 * without an offset. Undefined if they do not.
 */
export function isoKind(value: string): 'date' | 'local' | 'zoned' | undefined {
  const date = ISO_DATE.exec(value);
  if (date !== null) return isReal(date[1], date[3], date[4]) ? 'date' : undefined;
  const [all, year, month, day, zone] = ISO_TIMESTAMP.exec(value) ?? [];
  if (all === undefined || !isReal(year, month, day)) return undefined;
  return zone === undefined ? 'local' : 'zoned';
}

/** Compiles a format into a test for values that the rules would read as real dates. */
export function dateReader(format: string): (value: string) => boolean {
  const tokens = parseDateFormat(format);
  const fields = tokens.flatMap((token) => (token.kind === 'field' ? [token.field] : []));
  const pattern = new RegExp(`^${tokens.map(source).join('')}$`);
  return (value) => {
    const match = pattern.exec(value);
    if (match === null) return false;
    const part = (...names: DateField[]): string | undefined =>
      match[fields.findIndex((field) => names.includes(field)) + 1 || match.length];
    const short = part('yy');
    const month = part('MM', 'M') ?? monthNumber(part('MMM'));
    return (
      isReal(short === undefined ? part('yyyy') : `20${short}`, month, part('dd', 'd')) &&
      isTime(part('HH', 'H'), part('hh', 'h'), part('mm'), part('ss'))
    );
  };
}

function source(token: Token): string {
  if (token.kind === 'field') return `(${PATTERNS[token.field]})`;
  return token.text.replaceAll(/[\\^$.|?*+()[\]{}/-]/g, '\\$&');
}

const monthNumber = (name = ''): string => String(MONTHS.indexOf(name.toLowerCase()) + 1);

function isReal(year = '', month = '', day = ''): boolean {
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  const date = new Date(Date.UTC(2000, m - 1, d));
  date.setUTCFullYear(y, m - 1, d);
  return y > 0 && date.getUTCMonth() === m - 1 && date.getUTCDate() === d && m >= 1;
}

function isTime(hour?: string, hour12?: string, minute = '0', second = '0'): boolean {
  const inDay =
    hour12 === undefined ? Number(hour ?? 0) < 24 : Number(hour12) >= 1 && Number(hour12) <= 12;
  return inDay && Number(minute) < 60 && Number(second) < 60;
}
