/** An exact decimal: `digits / 10^scale`. */
export type Exact = { digits: bigint; scale: number };

export type NumberMarks = { decimal: '.' | ','; thousands: string };
export const POINT: NumberMarks = { decimal: '.', thousands: '' };

export function tenTo(power: number): bigint {
  return 10n ** BigInt(power);
}

export function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function grammar({ decimal, thousands }: NumberMarks): RegExp {
  const point = escaped(decimal);
  const grouped = thousands === '' ? '' : `|[0-9]{1,3}(?:${escaped(thousands)}[0-9]{3})+`;
  const whole = `(?<whole>[0-9]+${grouped})(?:${point}(?<tail>[0-9]*))?`;
  const bare = `${point}(?<fraction>[0-9]+)`;
  return new RegExp(`^(?<sign>[+-]?)(?:${whole}|${bare})(?:[eE](?<exponent>[+-]?[0-9]{1,3}))?$`);
}

/** Reads a number by the pipeline's grammar; null if the text is not a number. */
export function readNumber(text: string, marks: NumberMarks): Exact | null {
  const parts = grammar(marks).exec(text)?.groups;
  if (parts === undefined) return null;
  const whole = (parts['whole'] ?? '').replaceAll(/[^0-9]/g, '');
  const fraction = parts['tail'] ?? parts['fraction'] ?? '';
  const scale = fraction.length - Number(parts['exponent'] ?? '0');
  const unsigned = BigInt(whole + fraction);
  const digits = parts['sign'] === '-' ? -unsigned : unsigned;
  return scale < 0 ? { digits: digits * tenTo(-scale), scale: 0 } : { digits, scale };
}

/** The number in units of `10^-places`, half away from zero. */
export function roundTo(value: Exact, places: number): bigint {
  if (value.scale <= places) return value.digits * tenTo(places - value.scale);
  const unit = tenTo(value.scale - places);
  const size = absolute(value.digits);
  const rounded = size / unit + ((size % unit) * 2n >= unit ? 1n : 0n);
  return value.digits < 0n ? -rounded : rounded;
}

export function add(a: Exact, b: Exact): Exact {
  const scale = Math.max(a.scale, b.scale);
  return { digits: roundTo(a, scale) + roundTo(b, scale), scale };
}

export function negate(a: Exact): Exact {
  return { digits: -a.digits, scale: a.scale };
}

export function multiply(a: Exact, b: Exact): Exact {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale };
}

/** True if the absolute value is 10^power or more. */
export function reaches(value: Exact, power: number): boolean {
  return absolute(value.digits) >= tenTo(power + value.scale);
}

/** Units of `10^-places` as text: `-0.50`. */
export function format(units: bigint, places: number): string {
  const text = absolute(units)
    .toString()
    .padStart(places + 1, '0');
  const cutAt = text.length - places;
  return `${units < 0n ? '-' : ''}${text.slice(0, cutAt)}.${text.slice(cutAt)}`;
}
