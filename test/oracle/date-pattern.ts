type Time = { hour: number; minute: number; second: number };
export type PatternDate = { year: number; month: number; day: number; time?: Time };

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const SYMBOLS: Record<string, string> = {
  yyyy: '[0-9]{4}',
  yy: '[0-9]{2}',
  MMM: '[A-Za-z]{3}',
  MM: '[0-9]{2}',
  M: '[0-9]{1,2}',
  dd: '[0-9]{2}',
  d: '[0-9]{1,2}',
  HH: '[0-9]{2}',
  H: '[0-9]{1,2}',
  hh: '[0-9]{2}',
  h: '[0-9]{1,2}',
  mm: '[0-9]{2}',
  ss: '[0-9]{2}',
  a: '[AaPp][Mm]',
};
const TOKEN = /'((?:[^']|'')*)'|yyyy|yy|MMM|MM|M|dd|d|HH|H|hh|h|mm|ss|a|[^A-Za-z]/y;

type Part = { symbol: string } | { literal: string };

function partsOf(pattern: string): Part[] {
  const parts: Part[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < pattern.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(pattern);
    if (found === null) throw new Error(`date format ${pattern}: nothing is known at ${at}`);
    const [token, quoted] = found;
    if (quoted !== undefined)
      parts.push({ literal: quoted === '' ? "'" : quoted.replaceAll("''", "'") });
    else parts.push(token in SYMBOLS ? { symbol: token } : { literal: token });
  }
  return parts;
}

function monthOf(found: Map<string, string>): number {
  const name = found.get('MMM');
  if (name !== undefined) return MONTHS.indexOf(name.toLowerCase()) + 1;
  return Number(found.get('MM') ?? found.get('M'));
}

/** The hour, or null for an hour that the clock does not have. */
function hourOf(found: Map<string, string>): number | null {
  const half = found.get('hh') ?? found.get('h');
  if (half === undefined) {
    const hour = Number(found.get('HH') ?? found.get('H') ?? '0');
    return hour <= 23 ? hour : null;
  }
  const hour = Number(half);
  if (hour < 1 || hour > 12) return null;
  const isAfternoon = found.get('a')?.toLowerCase() === 'pm';
  return (hour % 12) + (isAfternoon ? 12 : 0);
}

/**
 * Reads a text by a CLDR pattern; null if it does not match. The caller checks that the day exists.
 */
export function readPattern(text: string, pattern: string): PatternDate | null {
  const parts = partsOf(pattern);
  const symbols = parts.flatMap((part) => ('symbol' in part ? [part.symbol] : []));
  const source = parts
    .map((part) =>
      'symbol' in part
        ? `(${SYMBOLS[part.symbol]})`
        : part.literal.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'),
    )
    .join('');
  const groups = new RegExp(`^${source}$`).exec(text)?.slice(1);
  if (groups === undefined) return null;
  const found = new Map(symbols.map((symbol, index) => [symbol, groups[index] ?? '']));
  const year = found.has('yyyy') ? Number(found.get('yyyy')) : 2000 + Number(found.get('yy'));
  const date = { year, month: monthOf(found), day: Number(found.get('dd') ?? found.get('d')) };
  if (!symbols.some((symbol) => /[Hhms]/.test(symbol))) return date;
  const hour = hourOf(found);
  const minute = Number(found.get('mm') ?? '0');
  const second = Number(found.get('ss') ?? '0');
  if (hour === null || minute > 59 || second > 59) return null;
  return { ...date, time: { hour, minute, second } };
}
