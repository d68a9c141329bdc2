/**
 * The commit that the serving table was last loaded from. `lake` is the ledger's id, `commit` the
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
   * The table's state when the load was planned. It is compared under the lock, so that later
   * writes are not overwritten. A load without it compares `fromSeq` only.
   */
  from?: SyncState | null;
  toSeq: number;
  commit: string;
  /** Distinct customers that the load stages: the upsert refuses a load with fewer. */
  rows: number;
  /**
   * Default: `difference`. `whole`: the load is all of gold, and customers that it does not hold
   * are deleted; used where the gold of `fromSeq` is gone or the table was emptied, also at the
   * same seq. `takeover`: like `whole`, for a table of any origin, as long as its state is still
   * `from`, which the operator agreed to replace (adopt, repair, erase).
   */
  scope?: 'difference' | 'whole' | 'takeover';
};

export type UpsertResult = {
  /**
   * `applied`; `already` where the table was at the load's seq before; `stale` where the load does
   * not start at the table's seq and must be staged again.
   */
  outcome: 'applied' | 'already' | 'stale';
  seq: number | null;
  inserted: number;
  updated: number;
  deleted: number;
  /** Rows of external writers (the six columns only) that were applied before the load. */
  foreign: number;
};

/** An index whose rows differ from those of the serving table. */
export type IndexFault = { column: string; message: string };

/** Column names, and rows whose values are text as the database prints it, or null. */
export type QueryResult = { columns: string[]; rows: (string | null)[][] };

/**
 * A place where the server still keeps deleted rows, until when, and the statement that removes
 * them sooner. It holds no personal data.
 */
export type Remainder = { what: string; until: string; remedy?: string };

/**
 * One numbered, named step of the schema. `sql` can be run manually: it records the migration as
 * applied.
 */
export type MigrationStatus = { name: string; applied: boolean; sql: string };

/**
 * The database that applications read. One adapter per database; `migrate` is called first. Errors:
 * `RemoteFailed` where the server or the credentials fail, `WarehouseForeign` where the table holds
 * rows of unknown origin.
 */
export type Warehouse = {
  /** Display name for messages, without a password. */
  readonly name: string;
  /** Applies pending migrations and returns their names. */
  migrate(): Promise<string[]>;
  /** Returns every migration of this version, in order, without applying any. */
  migrations(): Promise<MigrationStatus[]>;
  /**
   * Returns the state recorded by the last upsert. `empty`: the serving table has no row. `foreign`
   * counts the staged rows of external writers.
   */
  state(): Promise<{ sync: SyncState | undefined; empty: boolean; foreign: number }>;
  /**
   * Stages a load, after removing the staged rows of an earlier attempt or an abandoned load.
   * `csv` is RFC 4180 in UTF-8 with LF and no header: customer_id, full_name, email,
   * total_spent_aud, first_purchase_date, last_purchase_date, operation (`upsert` or `delete`);
   * text is always quoted, NULL is an empty unquoted field.
   */
  stage(load: Load, csv: AsyncIterable<Uint8Array>): Promise<void>;
  /**
   * Applies the load in one transaction (SPEC section 10). `load` undefined: only rows of external
   * writers are applied.
   */
  upsert(load: Load | undefined): Promise<UpsertResult>;
  /**
   * Runs one read-only statement of the pipeline; SQL of users goes through a `WarehouseReader`.
   */
  query(sql: string): Promise<QueryResult>;
  /**
   * Compares the rows that each index finds with those of a full scan. Absent where the database
   * cannot be forced to scan.
   */
  indexFaults?(): Promise<IndexFault[]>;
  /** Rebuilds the indexes from the table and keeps one row per customer. */
  rebuildIndexes?(): Promise<void>;
  /**
   * Removes deleted rows from the database's files and statistics, as far as the login's privileges
   * allow and without blocking other sessions. Returns what the server still keeps; an embedded
   * database keeps nothing.
   */
  forget(): Promise<Remainder[]>;
  close(): Promise<void>;
};
