/** Limits below which every product fits 2^63: (10^6 x 10^4) x (10^2 x 10^6) = 10^18. */
const SMALL_AMOUNT = '1000000';
const SMALL_MILLIONTHS = '100000000';

/**
 * Exact `round(amount * rate, 2)` of DECIMAL(18,4) and DECIMAL(18,12), half away from zero.
 * Multiplying and rounding decimals of 37 digits takes DuckDB 680 ns a row; 64-bit integers take 28
 * ns for common amounts. With A = |amount| x 10^4 the cents are (A x millionths + (A x rest) div
 * 10^6 + 5 x 10^7) div 10^8: the inner division drops less than one unit, and a fraction of a unit
 * cannot move a sum of whole units to the next half cent.
 */
export function toAud(amount: string, rate: string, millionths: string, rest: string): string {
  const wide = `try_cast(round(cast(${amount} as decimal(19,4)) * ${rate}, 2) as decimal(18,2))`;
  const units = `abs(cast(${amount} * 10000 as bigint))`;
  const cents = `(${units} * ${millionths} + (${units} * ${rest}) // 1000000 + 50000000) // 100000000`;
  const dollars = `cast(cast(${cents} as decimal(16,0)) * cast(0.01 as decimal(2,2)) as decimal(18,2))`;
  const small = `abs(${amount}) < ${SMALL_AMOUNT} and ${millionths} < ${SMALL_MILLIONTHS}`;
  return `case when ${small} then case when ${amount} < 0 then -${dollars} else ${dollars} end else ${wide} end`;
}
