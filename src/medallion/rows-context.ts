import type { Source } from './source.ts';

/**
 * Facts about the rows that the rules are applied to: rows of one source and one header and, unless
 * `eachDay` is set, of one arrival day.
 */
export type RowsContext = {
  source: Source;
  timeZone: string;
  /** YYYY-MM-DD; the newest where the rows are of several days. */
  ingestionDate: string;
  /** Rows of several days are read together: the DATE column `ingestion_day` holds each row's. */
  eachDay?: boolean;
  /** The source's columns that the objects have. */
  present: ReadonlySet<string>;
};

/** The day on which a row arrived, as SQL. */
export const arrivalDay = ({ ingestionDate, eachDay }: RowsContext): string =>
  eachDay === true ? 'ingestion_day' : `date '${ingestionDate}'`;
