import type { Dialect } from '../../medallion/sql/dialect.ts';
import { literal } from '../../medallion/sql/text.ts';
import { toAud } from './silver/to-aud.ts';

export const duckdbDialect: Dialect = {
  // Without the flag DuckDB replaces the first match only; Spark always replaces all.
  replaceAll: (text, pattern, replacement) =>
    `regexp_replace(${text}, ${literal(pattern)}, ${literal(replacement)}, 'g')`,
  // In Spark this subtraction returns an interval.
  dayNumber: (date) => `(${date} - date '1970-01-01')`,
  // Spark needs no special case: it multiplies and rounds wide decimals at full speed.
  converted: toAud,
  // Spark's function is xxhash64.
  hash: (...columns) => `hash(${columns.join(', ')})`,
  // Spark converts bases with conv().
  digest: (text) => `cast('0x' || substr(md5(${text}), 1, 15) as bigint)`,
};
