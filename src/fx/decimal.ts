/** An exact decimal: `digits / 10 ** places`. Rates are never binary floats (SPEC section 5). */
export type Decimal = { digits: bigint; places: number };

/** An exact fraction; a cross rate stays a fraction until it is rounded once. */
export type Fraction = { over: bigint; under: bigint };

const NUMBER = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,3}))?$/;
// No rate needs more; a longer one is a damaged cell and would only cost time.
const MAX_LENGTH = 60;

/**
 * Reads an optional sign, digits with at most one point and an optional exponent of 1 to 3 digits;
 * undefined for anything else.
 */
export function readDecimal(text: string): Decimal | undefined {
  const match = text.length <= MAX_LENGTH ? NUMBER.exec(text) : null;
  if (match === null) return undefined;
  const [, sign, whole = '', part = '', exponent = '0'] = match;
  if (whole + part === '') return undefined;
  const size = BigInt(whole + part);
  const places = part.length - Number(exponent);
  const digits = sign === '-' ? -size : size;
  return places >= 0 ? { digits, places } : { digits: digits * 10n ** BigInt(-places), places: 0 };
}

export function asFraction(value: Decimal): Fraction {
  return { over: value.digits, under: power(value.places) };
}

/** `a / b` as a fraction; `b` is positive. */
export function quotient(a: Decimal, b: Decimal): Fraction {
  return { over: a.digits * power(b.places), under: b.digits * power(a.places) };
}

export function sameFraction(a: Fraction, b: Fraction): boolean {
  return a.over * b.under === b.over * a.under;
}

/** A positive fraction in units of `10 ** -places`, rounded half away from zero. */
export function roundFraction(value: Fraction, places: number): bigint {
  return (2n * value.over * power(places) + value.under) / (2n * value.under);
}

// Cached: the table of the central bank needs them some 900,000 times.
const powers: bigint[] = [];

function power(places: number): bigint {
  return (powers[places] ??= 10n ** BigInt(places));
}
