/**
 * The result of one statement: rows as text in column order, and the number of rows that it read or
 * changed.
 */
export type SqlResult = { columns: string[]; rows: (string | null)[][]; count: number };

export type SqlValue = string | number | null;

/**
 * One session of a database, reduced to what the warehouses share. Values are returned as the
 * database prints them, so that no decimal, date or big integer passes through a JavaScript number.
 */
export type Sql = {
  /** Runs one statement with its bound values. */
  query(text: string, values?: readonly SqlValue[]): Promise<SqlResult>;
  /** Runs any number of statements without values. */
  exec(text: string): Promise<void>;
  /**
   * Runs the work in one transaction: committed when it returns, rolled back when it throws. Not
   * nested.
   */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
};
