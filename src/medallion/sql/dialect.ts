/**
 * The differences between the SQL engines; all other SQL is written once. Both engines also have
 * `regexp_like(text, pattern)` and `regexp_extract(text, pattern, group)`.
 */
export type Dialect = {
  readonly name: string;
  /** Every match of `pattern` replaced by `replacement`, which is literal text. */
  replaceAll(text: string, pattern: string, replacement: string): string;
  /** Whole days from 1970-01-01 to a DATE, as a BIGINT. */
  dayNumber(date: string): string;
  /**
   * `round(amount * rate, 2)`, half away from zero and exact, of a DECIMAL(18,4) and a
   * DECIMAL(18,12), as DECIMAL(18,2); null where it does not fit. The rate is also passed as whole
   * numbers: rate = millionths x 10^-6 + rest x 10^-12.
   */
  converted(amount: string, rate: string, millionths: string, rest: string): string;
  /** A 64-bit hash of several text columns, equal for equal values within one query. */
  hash(...columns: string[]): string;
  /** Splits a text to a relation of one row for each part, in the column `value`. */
  splitToRows(relation: string, text: string, separator: string): string;
  /** A BIGINT of the first 15 hex digits of md5(text), for digests of sets. */
  digest(text: string): string;
};
