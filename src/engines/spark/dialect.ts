import type { Dialect } from '../../medallion/sql/dialect.ts';
import { literal } from '../../medallion/sql/text.ts';

/** Spark SQL 3.5 in ANSI mode, with the settings that the jobs' session is opened with. */
export const sparkDialect: Dialect = {
  // Spark replaces every match unasked; in its replacements `$` and a backslash would be marks, but
  // none occurs.
  replaceAll: (text, pattern, replacement) =>
    `regexp_replace(${text}, ${literal(pattern)}, ${literal(replacement)})`,
  // Two dates, the later one first; an INT, whose product with 86,400 would leave 32 bits.
  dayNumber: (date) => `cast(datediff(${date}, date '1970-01-01') as bigint)`,
  // DECIMAL(19,4) x DECIMAL(18,12) is DECIMAL(38,16) here, exact, and as quick as anything else.
  converted: (amount, rate) =>
    `try_cast(round(cast(${amount} as decimal(19,4)) * ${rate}, 2) as decimal(18,2))`,
  hash: (...columns) => `xxhash64(${columns.join(', ')})`,
  // A text of hexadecimal digits is no number here; 15 digits fit DECIMAL(20,0).
  digest: (text) => `cast(conv(substr(md5(${text}), 1, 15), 16, 10) as decimal(20,0))`,
};
