import type { QueryResult } from './warehouse.ts';

/**
 * The one door for SQL that somebody else wrote: it answers a single SELECT with the least rights
 * that the database can give, and nothing that the text holds changes, locks for long, or reads
 * what is not the pipeline's. `Warehouse.query` is for SQL of our own.
 */
export type WarehouseReader = {
  /** For messages: no password in it. */
  readonly name: string;
  /**
   * Column names with the first batch, which may be empty, then rows as text in batches, so that an
   * answer of any size takes little memory. Aborting ends it. Errors: `QueryRefused` for anything
   * but one SELECT that the database understands, `RemoteFailed`, `RemoteRefused`.
   */
  ask(sql: string, signal?: AbortSignal): AsyncGenerator<QueryResult>;
};
