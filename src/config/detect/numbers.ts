/** How a source writes its amounts. */
export type Marks = { decimal: '.' | ','; thousands: '' | ',' | '.' | ' ' | "'" };

export type NumberVerdict = {
  /** Share of the values that are numbers one way or another. */
  share: number;
  marks: Marks | undefined;
  why: string;
  /** Undecided: what the marks may be. */
  candidates: Marks[];
  /**
   * A value that carries a currency sign, which the rules refuse, and the currency that the sign
   * stands for, if it is one.
   */
  signed: { value: string; currency: string | undefined } | undefined;
};

const GROUPING: Record<Marks['decimal'], Marks['thousands'][]> = {
  '.': ['', ',', ' ', "'"],
  ',': ['', '.', ' ', "'"],
};
const SIGN =
  /^[-+(]?\s*(?:[A-Z]{1,3}\s?)?[$€£¥₹]|[$€£¥₹]\s*\)?$|^[-+]?[A-Z]{3}\s?\d|\d\s?[A-Z]{3}$/;
/** Signs that one currency has for itself: a dollar is many, a yen is a yuan. */
const CURRENCIES: readonly [RegExp, string][] = [
  [/€/, 'EUR'],
  [/£/, 'GBP'],
  [/₹/, 'INR'],
  [/A\$|AU\$/, 'AUD'],
  [/US\$/, 'USD'],
  [/NZ\$/, 'NZD'],
];

/**
 * Which decimal and thousands marks the values are written with, decided only where every number is
 * one under a single decimal mark.
 */
export function decideNumbers(values: readonly string[]): NumberVerdict {
  const decimals = new Set<Marks['decimal']>(['.', ',']);
  const groupings: Record<Marks['decimal'], Map<Marks['thousands'], number>> = {
    '.': new Map(),
    ',': new Map(),
  };
  let numbers = 0;
  let decisive: string | undefined;
  let signed: string | undefined;
  for (const value of values) {
    if (SIGN.test(value)) signed ??= value;
    const fits = (['.', ','] as const).filter(
      (decimal) => fittingMark(value, decimal) !== undefined,
    );
    if (fits.length === 0) continue;
    numbers += 1;
    for (const decimal of fits) {
      const mark = fittingMark(value, decimal) ?? '';
      if (mark !== '') groupings[decimal].set(mark, (groupings[decimal].get(mark) ?? 0) + 1);
    }
    if (fits.length === 1) {
      decisive ??= value;
      decimals.delete(fits[0] === '.' ? ',' : '.');
    }
  }
  const possible = [...decimals].map((decimal) => ({
    decimal,
    thousands: mostFrequent(groupings[decimal]),
  }));
  return {
    share: values.length === 0 ? 0 : numbers / values.length,
    signed: signed === undefined ? undefined : { value: signed, currency: currencyOf(signed) },
    ...verdict(possible, decisive),
  };
}

function verdict(
  possible: Marks[],
  decisive: string | undefined,
): Pick<NumberVerdict, 'marks' | 'why' | 'candidates'> {
  const [first, second] = possible;
  if (first === undefined)
    return {
      marks: undefined,
      why: 'some numbers have a decimal point, others a decimal comma',
      candidates: [],
    };
  const same = second?.thousands === '' && first.thousands === '';
  if (second === undefined || same) {
    const why =
      decisive === undefined
        ? 'whole numbers'
        : `${JSON.stringify(decisive)} is a number in this way alone`;
    return { marks: first, why, candidates: [] };
  }
  return {
    marks: undefined,
    why: 'the one mark that the numbers hold may part decimals or thousands',
    candidates: possible,
  };
}

/**
 * The thousands mark that makes a value a number under a decimal mark: '' where it needs none,
 * undefined where it is no number.
 */
function fittingMark(value: string, decimal: Marks['decimal']): Marks['thousands'] | undefined {
  return GROUPING[decimal].find((thousands) => numberPattern({ decimal, thousands }).test(value));
}

const patterns = new Map<string, RegExp>();

function numberPattern({ decimal, thousands }: Marks): RegExp {
  const key = decimal + thousands;
  const known = patterns.get(key);
  if (known !== undefined) return known;
  const digits = thousands === '' ? '\\d+' : `\\d{1,3}(?:[${thousands}]\\d{3})+`;
  const point = `[${decimal}]`;
  const bare = thousands === '' ? `|${point}\\d+` : '';
  const made = new RegExp(`^[+-]?(?:${digits}(?:${point}\\d*)?${bare})(?:[eE][+-]?\\d{1,3})?$`);
  patterns.set(key, made);
  return made;
}

const mostFrequent = (marks: Map<Marks['thousands'], number>): Marks['thousands'] =>
  [...marks].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? '';

const currencyOf = (value: string): string | undefined =>
  CURRENCIES.find(([sign]) => sign.test(value))?.[1] ?? /\b[A-Z]{3}\b/.exec(value)?.[0];
