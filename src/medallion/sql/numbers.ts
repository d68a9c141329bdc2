import { literal } from './text.ts';

type Marks = { decimal: '.' | ','; thousands: '' | ',' | '.' | ' ' | "'" };

const PLAIN = '[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?';
const PARTS = '\\A([+-]?)([0-9]*)\\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?\\z';

/**
 * The grammar of an amount as a pattern (SPEC section 4), with a source's own marks where declared.
 */
function grammar({ decimal, thousands }: Marks): string {
  if (decimal === '.' && thousands === '') return `\\A${PLAIN}\\z`;
  const point = decimal === '.' ? '\\.' : ',';
  const mark = thousands === '.' ? '\\.' : thousands.replace("'", '\\x{27}');
  const grouped = thousands === '' ? '' : `[0-9]{1,3}(?:${mark}[0-9]{3})+(?:${point}[0-9]*)?|`;
  return `\\A[+-]?(?:${grouped}[0-9]+(?:${point}[0-9]*)?|${point}[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\\z`;
}

/** True where the text is a number of the source's grammar. */
export const isNumber = (text: string, marks: Marks): string =>
  `regexp_like(${text}, '${grammar(marks)}')`;

/** The text of a number with the source's marks turned into the plain point. */
export function plainNumber(text: string, { decimal, thousands }: Marks): string {
  const ungrouped = thousands === '' ? text : `replace(${text}, ${literal(thousands)}, '')`;
  return decimal === '.' ? ungrouped : `replace(${ungrouped}, ',', '.')`;
}

/**
 * The plain text of a number as DECIMAL(precision, scale), rounded half away from zero; null where
 * it does not fit. Neither engine reads exponents reliably (DuckDB reads `.55e-21` as 0.0001, Spark
 * `0e999` as null), so for them the point is moved in the text and one digit past the scale decides
 * the rounding. That costs a hundred times more, so only those rows pay.
 */
export function decimalOf(text: string, precision: number, scale: number): string {
  const part = (group: number): string => `regexp_extract(${text}, '${PARTS}', ${group})`;
  const exponent = `coalesce(try_cast(${part(4)} as int), 0)`;
  const point = `(length(${part(2)}) + ${exponent})`;
  const digits = `concat(${part(2)}, ${part(3)})`;
  const padded = `concat(repeat('0', greatest(0, -${point})), ${digits}, repeat('0', greatest(0, ${point} - length(${digits}))))`;
  const whole = `regexp_replace(substr(${padded}, 1, greatest(0, ${point})), '\\A0+', '')`;
  const fraction = `substr(${padded}, greatest(0, ${point}) + 1, ${scale + 1})`;
  const moved = `concat(${part(1)}, '0', ${whole}, '.', ${fraction}, '0')`;
  const rounded = `try_cast(round(cast(${moved} as decimal(${precision + 2}, ${scale + 1})), ${scale}) as decimal(${precision}, ${scale}))`;
  return `case when not (contains(${text}, 'e') or contains(${text}, 'E')) then try_cast(${text} as decimal(${precision}, ${scale}))
    when length(${whole}) <= ${precision - scale} then ${rounded} end`;
}

/**
 * A customer_id: a whole number in signed 32 bits, leading zeros and a tail of point and zeros
 * allowed; null otherwise.
 */
export function wholeNumber(text: string): string {
  return `case when regexp_like(${text}, '\\A[+-]?[0-9]+\\z') then try_cast(${text} as int)
    when regexp_like(${text}, '\\A[+-]?[0-9]+\\.0*\\z') then try_cast(regexp_extract(${text}, '\\A([+-]?[0-9]+)', 1) as int) end`;
}
