/**
 * What really differs between the SQL engines; everything else is one text (the rules are written
 * once). Both engines also know `regexp_like(text, pattern)` and `regexp_extract(text, pattern,
 * group)`.
 */
export type Dialect = {
  /** Every match of `pattern` replaced by `replacement`, which is literal text. */
  replaceAll(text: string, pattern: string, replacement: string): string;
  /** Whole days from 1970-01-01 to a DATE, as a BIGINT. */
  dayNumber(date: string): string;
  /**
   * `round(amount * rate, 2)`, half away from zero and exact, of a DECIMAL(18,4) and a
   * DECIMAL(18,12), as DECIMAL(18,2); null where it does not fit. The rate comes also as whole
   * numbers: rate = millionths x 10^-6 + rest x 10^-12.
   */
  converted(amount: string, rate: string, millionths: string, rest: string): string;
  /** A 64-bit hash of several text columns, equal for equal values within one query. */
  hash(...columns: string[]): string;
  /** A BIGINT made of the first 15 hex digits of md5(text), for set digests. */
  digest(text: string): string;
};
