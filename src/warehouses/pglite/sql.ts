import type { PGlite, Transaction } from '@electric-sql/pglite';
import type { Sql } from '../sql.ts';

type Session = Pick<Transaction, 'query' | 'exec'>;

/** Query options under which every value is returned as the text that the database prints. */
export type TextOptions = { rowMode: 'array'; parsers: Record<number, (value: string) => string> };

/**
 * PGlite parses dates to `Date` and numbers to numbers; a parser that keeps the text replaces each
 * of those.
 */
export function textOptions(db: PGlite): TextOptions {
  const types = Object.keys(db.parsers).map(Number);
  return { rowMode: 'array', parsers: Object.fromEntries(types.map((type) => [type, keep])) };
}

function keep(value: string): string {
  return value;
}

/** The only session of a PGlite database. */
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
