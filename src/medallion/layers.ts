/** A column of a layer: its name and its SQL type, spelled alike by DuckDB and Spark. */
export type Column = readonly [name: string, type: string];

/**
 * The cleaned values of a purchase: versions that agree in all of them are duplicates of one
 * another (SPEC section 6).
 */
export const CLEANED_COLUMNS = [
  ['customer_id', 'int'],
  ['customer_key', 'string'],
  ['first_name', 'string'],
  ['last_name', 'string'],
  ['full_name', 'string'],
  ['email', 'string'],
  ['purchase_date', 'date'],
  ['amount', 'decimal(18,4)'],
  ['currency', 'string'],
  ['updated_number', 'decimal(27,9)'],
  ['updated_micros', 'bigint'],
  ['deletes', 'boolean'],
] as const satisfies readonly Column[];

/**
 * Silver: one row for each purchase version. `rate` is the price in AUD of one unit of `currency`,
 * published on `rate_date`; `updated_micros` are microseconds since 1970 UTC, `object_modified`
 * seconds; `lines` counts the rows of the version. `has_name` and `has_email` are true where the
 * version has a name or an address for its customer: they are quicker to read than the texts. The
 * ingestion date is only in the path, as the partition column.
 */
export const SILVER_COLUMNS = [
  ['source', 'string'],
  ['purchase_id', 'string'],
  ...CLEANED_COLUMNS,
  ['rate', 'decimal(18,12)'],
  ['rate_date', 'date'],
  ['amount_aud', 'decimal(18,2)'],
  ['has_name', 'boolean'],
  ['has_email', 'boolean'],
  ['lines', 'bigint'],
  ['repairs', 'string'],
  ['object_key', 'string'],
  ['object_modified', 'bigint'],
  ['row_number', 'bigint'],
] as const satisfies readonly Column[];

/**
 * Quarantine: one row for each rejected row. `reasons` are joined by commas; `raw` is the row as it
 * was read; currency, purchase_date and the rate are set where a rate was looked up.
 */
export const QUARANTINE_COLUMNS = [
  ['source', 'string'],
  ['object_key', 'string'],
  ['row_number', 'bigint'],
  ['reasons', 'string'],
  ['raw', 'string'],
  ['purchase_id', 'string'],
  ['customer_id', 'int'],
  ['customer_key', 'string'],
  ['currency', 'string'],
  ['purchase_date', 'date'],
  ['rate', 'decimal(18,12)'],
  ['rate_date', 'date'],
] as const satisfies readonly Column[];

/** Gold: one row for each customer (SPEC section 7). */
export const GOLD_COLUMNS = [
  ['customer_id', 'int'],
  ['full_name', 'string'],
  ['email', 'string'],
  ['total_spent_aud', 'decimal(18,2)'],
  ['first_purchase_date', 'date'],
  ['last_purchase_date', 'date'],
  ['purchase_count', 'int'],
] as const satisfies readonly Column[];

/** The registry of customer keys: the integer of each key in gold. */
export const REGISTRY_COLUMNS = [
  ['customer_key', 'string'],
  ['customer_id', 'int'],
] as const satisfies readonly Column[];

/** Select without rows. `more` are further columns, each after a comma. */
export const emptyRows = (columns: readonly Column[], more = ''): string =>
  `select ${columns.map(([name, type]) => `cast(null as ${type}) as ${name}`).join(', ')}${more} where false`;

export const names = (columns: readonly Column[]): string[] => columns.map(([name]) => name);

/**
 * The columns in their types for a select list, each from its expression in `from`, or else from
 * the column of its own name.
 */
export const selectList = (
  columns: readonly Column[],
  from: Readonly<Record<string, string>>,
): string =>
  columns.map(([name, type]) => `cast(${from[name] ?? name} as ${type}) as ${name}`).join(', ');
