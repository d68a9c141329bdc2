/** The marks of a source's amounts. */
export type Marks = { decimal: '.' | ','; thousands: '' | ',' | '.' | ' ' | "'" };

export type NumberVerdict = {
  /** Share of the values that are numbers with any marks. */
  share: number;
  marks: Marks | undefined;
  why: string;
  /** The possible marks, if the values do not decide. */
  candidates: Marks[];
  /** A value with a currency sign, which the rules reject, and the sign's currency if unique. */
  signed: { value: string; currency: string | undefined } | undefined;
};

const GROUPING: Record<Marks['decimal'], Marks['thousands'][]> = {
  '.': ['', ',', ' ', "'"],
  ',': ['', '.', ' ', "'"],
};
const SIGN =
  /^[-+(]?\s*(?:[A-Z]{1,3}\s?)?[$€£¥₹]|[$€£¥₹]\s*\)?$|^[-+]?[A-Z]{3}\s?\d|\d\s?[A-Z]{3}$/;
/** Signs of a single currency. A plain dollar or yen sign stands for several. */
const CURRENCIES: readonly [RegExp, string][] = [
  [/€/, 'EUR'],
  [/£/, 'GBP'],
  [/₹/, 'INR'],
  [/A\$|AU\$/, 'AUD'],
  [/US\$/, 'USD'],
  [/NZ\$/, 'NZD'],
];

/**
 * Decides the decimal and thousands marks of the values, if all numbers are valid under exactly one
 * decimal mark.
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
        : `${JSON.stringify(decisive)} is a number only in this way`;
    return { marks: first, why, candidates: [] };
  }
  return {
    marks: undefined,
    why: 'the only mark in the numbers may separate decimals or thousands',
    candidates: possible,
  };
}

/**
 * The thousands mark with which a value is a number under a decimal mark: '' if it needs none,
 * undefined if it is not a number.
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
  const pattern = new RegExp(`^[+-]?(?:${digits}(?:${point}\\d*)?${bare})(?:[eE][+-]?\\d{1,3})?$`);
  patterns.set(key, pattern);
  return pattern;
}

const mostFrequent = (marks: Map<Marks['thousands'], number>): Marks['thousands'] =>
  [...marks].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? '';

const currencyOf = (value: string): string | undefined =>
  CURRENCIES.find(([sign]) => sign.test(value))?.[1] ?? /\b[A-Z]{3}\b/.exec(value)?.[0];
