import type { PGlite, Transaction } from '@electric-sql/pglite';
import type { Sql } from '../sql.ts';

type Session = Pick<Transaction, 'query' | 'exec'>;

/**
 * How a query must be asked so that every value comes back as the text that the database prints.
 */
export type TextOptions = { rowMode: 'array'; parsers: Record<number, (value: string) => string> };

/**
 * PGlite reads dates as `Date` and numbers as numbers; each type that it would read gets a reader
 * that keeps the text.
 */
export function textOptions(db: PGlite): TextOptions {
  const types = Object.keys(db.parsers).map(Number);
  return { rowMode: 'array', parsers: Object.fromEntries(types.map((type) => [type, keep])) };
}

function keep(value: string): string {
  return value;
}

/** The one session of a PGlite database. */
export function pgliteSql(db: PGlite): Sql {
  const options = textOptions(db);
  return {
    ...session(db, options),
    transaction: (work) => db.transaction((inner) => work(nested(inner, options))),
  };
}

/** The session inside a transaction of PGlite. */
export function nested(transaction: Transaction, options: TextOptions): Sql {
  return {
    ...session(transaction, options),
    transaction: () => Promise.reject(new Error('a transaction within a transaction')),
  };
}

function session(on: Session, options: TextOptions): Pick<Sql, 'query' | 'exec'> {
  return {
    async query(text, values = []) {
      const result = await on.query<(string | null)[]>(text, [...values], options);
      return {
        columns: result.fields.map((field) => field.name),
        rows: result.rows,
        count: result.rowCount ?? 0,
      };
    },
    async exec(text) {
      await on.exec(text);
    },
  };
}
