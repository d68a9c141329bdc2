import type { QueryResult } from './warehouse.ts';

/**
 * The only way to run SQL of users: it executes a single SELECT with the fewest privileges that the
 * database can grant. No statement can change data, hold locks for long, or read tables outside the
 * pipeline. `Warehouse.query` is for the pipeline's own SQL.
 */
export type WarehouseReader = {
  /** Display name for messages, without a password. */
  readonly name: string;
  /**
   * Runs one SELECT. Yields column names with the first batch, which may be empty, then rows as
   * text in batches, so that a result of any size needs little memory. `signal` cancels the query.
   * Errors: `QueryRefused` for anything but one valid SELECT, `RemoteFailed`, `RemoteRefused`.
   */
  ask(sql: string, signal?: AbortSignal): AsyncGenerator<QueryResult>;
};
