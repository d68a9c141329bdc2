import { dateReader, isoKind } from './date-reader.ts';

/** The order of the parts, where digits alone do not decide it. */
type Order = 'Mdy' | 'dMy' | 'yMd';

/** The date formats that a column's values suggest. */
export type DateVerdict = {
  /** Share of the values that are dates in any format. */
  share: number;
  /** True if there are timestamps without an offset, whose time zone is open. */
  local: boolean;
  /** Formats to declare, the most frequent first; empty if all values are ISO. */
  formats: string[];
  /** The evidence for these formats. */
  why: string;
  /** Alternative lists of formats, if the values do not decide. */
  candidates: string[][];
};

type Reading = { order: Order | 'plain'; format: string };

/**
 * Decides the date formats, if the values do. A part beyond 12 is a day, which excludes every order
 * in which the value is not a date. Values that are not a date in any order only lower `share`.
 */
export function decideDates(values: readonly string[]): DateVerdict {
  const seen = new Map<string, number>();
  let possible: Order[] | undefined;
  let decisive: string | undefined;
  let dates = 0;
  let local = false;
  const read = memo(readings);
  for (const value of values) {
    const iso = isoKind(value);
    const formats = iso === undefined ? read(value) : [];
    if (iso === undefined && formats.length === 0) continue;
    dates += 1;
    local ||= iso === 'local' || formats.some(({ format }) => format.includes('mm'));
    for (const { format } of formats) seen.set(format, (seen.get(format) ?? 0) + 1);
    const orders = formats.flatMap(({ order }) => (order === 'plain' ? [] : [order]));
    if (orders.length === 0) continue;
    const remaining: Order[] = (possible ?? orders).filter((order) => orders.includes(order));
    if (remaining.length === 1 && (possible ?? []).length !== 1) decisive = value;
    possible = remaining;
  }
  const share = values.length === 0 ? 0 : dates / values.length;
  return { share, local, ...verdict(possible, decisive, seen) };
}

function verdict(
  possible: Order[] | undefined,
  decisive: string | undefined,
  seen: Map<string, number>,
): Pick<DateVerdict, 'formats' | 'why' | 'candidates'> {
  const ofOrder = (order: Order): string[] =>
    [...seen]
      .toSorted(([, a], [, b]) => b - a)
      .flatMap(([format]) =>
        orderOf(format) === order || orderOf(format) === 'plain' ? [format] : [],
      );
  if (possible === undefined) {
    const formats = [...seen.keys()];
    const why = formats.length === 0 ? 'ISO dates' : 'no other order of its parts is possible';
    return { formats, why, candidates: [] };
  }
  const [only, ...more] = possible;
  if (only === undefined)
    return {
      formats: [],
      why: 'some values are dates only with the day first, others only with the month first',
      candidates: [],
    };
  if (more.length > 0) return { formats: [], why: UNDECIDED, candidates: possible.map(ofOrder) };
  return {
    formats: ofOrder(only),
    why: `${JSON.stringify(decisive ?? '')} is a date only in this order`,
    candidates: [],
  };
}

const UNDECIDED = 'every value is a date in more than one order';

const DATE =
  /^(\d{1,4}|[A-Za-z]{3})([^A-Za-z0-9]{1,2})(\d{1,2}|[A-Za-z]{3})([^A-Za-z0-9]{1,2})(\d{4}|\d{1,2})(?!\d)(.*)$/;
const TIME = /^(,? |T)(\d{1,2}):\d{2}(:\d{2})?( ?)([AaPp][Mm])?$/;
const PACKED = /^(\d{8})(.*)$/;

/** Lists every format in which a value is a real date. */
function readings(value: string): Reading[] {
  return formatsFor(value).filter(({ format }) => dateReader(format)(value));
}

function formatsFor(value: string): Reading[] {
  const packed = PACKED.exec(value);
  if (packed !== null) return withTime(packed[2] ?? '', PACKED_ORDERS, []);
  const [all, a = '', first = '', b = '', second = '', c = '', rest = ''] = DATE.exec(value) ?? [];
  if (all === undefined) return [];
  return withTime(rest, ordersOf(a, b, c), [first, second]);
}

type Parts = { order: Order | 'plain'; parts: [string, string, string] };

const PACKED_ORDERS: Parts[] = [
  { order: 'yMd', parts: ['yyyy', 'MM', 'dd'] },
  { order: 'dMy', parts: ['dd', 'MM', 'yyyy'] },
  { order: 'Mdy', parts: ['MM', 'dd', 'yyyy'] },
];

/** `M` and `d` also read padded values. A month name decides the order. */
function ordersOf(a: string, b: string, c: string): Parts[] {
  const year = c.length === 4 ? 'yyyy' : 'yy';
  if (/[A-Za-z]/.test(a)) return [{ order: 'plain', parts: ['MMM', 'd', year] }];
  if (a.length > 2) {
    const month = /[A-Za-z]/.test(b) ? 'MMM' : 'M';
    return a.length === 4 && c.length < 4 ? [{ order: 'plain', parts: ['yyyy', month, 'd'] }] : [];
  }
  if (/[A-Za-z]/.test(b)) return [{ order: 'plain', parts: ['d', 'MMM', year] }];
  const orders: Parts[] = [
    { order: 'Mdy', parts: ['M', 'd', year] },
    { order: 'dMy', parts: ['d', 'M', year] },
  ];
  return year === 'yyyy' ? orders : [...orders, { order: 'yMd', parts: ['yy', 'M', 'd'] }];
}

function withTime(rest: string, orders: readonly Parts[], separators: string[]): Reading[] {
  const time = timeFormat(rest);
  if (time === undefined) return [];
  const [first = '', second = ''] = separators.map(quoted);
  return orders.map(({ order, parts: [a, b, c] }) => ({
    order,
    format: `${a}${first}${b}${second}${c}${time}`,
  }));
}

function timeFormat(rest: string): string | undefined {
  if (rest === '') return '';
  const [all, gap = '', , seconds, blank = '', half] = TIME.exec(rest) ?? [];
  if (all === undefined || (half === undefined && blank !== '')) return undefined;
  const hour = half === undefined ? 'H' : 'h';
  return `${quoted(gap)}${hour}:mm${seconds === undefined ? '' : ':ss'}${half === undefined ? '' : `${blank}a`}`;
}

const quoted = (text: string): string =>
  text.replaceAll("'", "''").replaceAll(/[A-Za-z]+/g, "'$&'");

function orderOf(format: string): Order | 'plain' {
  if (format.includes('MMM') || /^yyyy[^M]/.test(format)) return 'plain';
  if (format.startsWith('y')) return 'yMd';
  return format.startsWith('M') ? 'Mdy' : 'dMy';
}

function memo(read: (value: string) => Reading[]): (value: string) => Reading[] {
  const known = new Map<string, Reading[]>();
  return (value) => {
    const found = known.get(value) ?? read(value);
    known.set(value, found);
    return found;
  };
}
