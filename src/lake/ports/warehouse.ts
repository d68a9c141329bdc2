/**
 * What the serving table was last made equal to. `lake` is the ledger's own id, `commit` the
 * sha-256 of the commit object.
 */
export type SyncState = { lake: string; seq: number; commit: string };

/**
 * One step of the serving table from one seq to another (SPEC section 10). `fromSeq` is null where
 * the table is empty.
 */
export type Load = {
  loadId: string;
  lake: string;
  fromSeq: number | null;
  /**
   * What the table said of itself when the load was decided on: compared under the lock, so that
   * nothing that came since is overwritten. A load without it compares `fromSeq` alone.
   */
  from?: SyncState | null;
  toSeq: number;
  commit: string;
  /** Distinct customers that the load stages: the upsert refuses a load with fewer. */
  rows: number;
  /**
   * `difference` unless said. `whole`: the load is all of gold, and customers that it does not name
   * are deleted (for where the gold of `fromSeq` is gone, or the table was emptied; from the seq
   * held to itself too). `takeover`: whole, whatever rows the table holds, as long as it is still
   * of the origin `from` that somebody agreed to lose (adopt, repair, erase).
   */
  scope?: 'difference' | 'whole' | 'takeover';
};

export type UpsertResult = {
  /**
   * `applied`; `already` where the table was at the load's seq before; `stale` where it does not
   * start at the seq held (stage anew).
   */
  outcome: 'applied' | 'already' | 'stale';
  seq: number | null;
  inserted: number;
  updated: number;
  deleted: number;
  /** Rows of outside writers (the six columns alone) that were applied before the load. */
  foreign: number;
};

/** An index of the serving table that finds other rows than the table holds. */
export type IndexFault = { column: string; message: string };

/** Column names, and rows whose values are text as the database prints it, or null. */
export type QueryResult = { columns: string[]; rows: (string | null)[][] };

/**
 * Where a server still has rows that were deleted, until when, and the statement that ends it
 * sooner. It names nobody.
 */
export type Remainder = { what: string; until: string; remedy?: string };

/**
 * One numbered, named step of the schema. `sql` can be run by hand: it records itself as applied
 * too.
 */
export type MigrationStatus = { name: string; applied: boolean; sql: string };

/**
 * The database that applications read. One adapter a database; `migrate` is called before anything
 * else. Errors: `RemoteFailed` where the server or the credentials fail, `WarehouseForeign` where
 * the table holds rows of unknown origin.
 */
export type Warehouse = {
  /** For messages: no password in it. */
  readonly name: string;
  /** Brings the schema up to date; the names of the migrations that were applied. */
  migrate(): Promise<string[]>;
  /** Every migration of this version, in order; nothing is changed. */
  migrations(): Promise<MigrationStatus[]>;
  /**
   * The state recorded with the last upsert; `empty`: the serving table has no row; `foreign`
   * counts the staged rows of outside writers.
   */
  state(): Promise<{ sync: SyncState | undefined; empty: boolean; foreign: number }>;
  /**
   * Stages a load, after clearing what an earlier try staged under the same or an abandoned load.
   * `csv` is RFC 4180 in UTF-8 with LF and no header: customer_id, full_name, email,
   * total_spent_aud, first_purchase_date, last_purchase_date, operation (`upsert` or `delete`);
   * text is always quoted, NULL is an empty unquoted field.
   */
  stage(load: Load, csv: AsyncIterable<Uint8Array>): Promise<void>;
  /**
   * The one transaction of SPEC section 10. `load` undefined: only rows of outside writers are
   * applied.
   */
  upsert(load: Load | undefined): Promise<UpsertResult>;
  /**
   * One read-only statement of our own; SQL that somebody else wrote goes through a
   * `WarehouseReader`.
   */
  query(sql: string): Promise<QueryResult>;
  /**
   * Compares what each index finds with what the table itself holds, where the database can be told
   * to read without one.
   */
  indexFaults?(): Promise<IndexFault[]>;
  /** Builds the indexes again from the table, which keeps one row of a customer. */
  rebuildIndexes?(): Promise<void>;
  /**
   * Takes what was deleted out of the database's own files and statistics, as far as the login may
   * and nobody has to wait, and says what a server still keeps. An embedded database keeps nothing.
   */
  forget(): Promise<Remainder[]>;
  close(): Promise<void>;
};
