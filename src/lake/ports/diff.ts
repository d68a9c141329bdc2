import type { Workspace } from './engine.ts';
import type { Store } from './store.ts';

/** Live rows of one layer according to a ledger: each object with the file that holds its rows. */
export type LayerRows = { store: Store; live: { object: string; file: string }[] };

/**
 * A table of customers: gold's files, or a local file of JSON lines with the serving table's six
 * columns.
 */
export type Customers = { store: Store; files: string[] } | { lines: string };

/**
 * A row on one side only, or one cell that differs. Values are text as the engine prints them.
 */
export type RowFinding = {
  object?: string;
  row?: number;
  customer?: number;
  problem: 'missing' | 'unexpected' | 'differs';
  column?: string;
  found?: string | null;
  expected?: string | null;
};

/**
 * `rows` counts the expected rows, `differing` all rows that are missing, unexpected or different;
 * `findings` describes the first `limit` of them.
 */
export type Comparison = { rows: number; differing: number; findings: RowFinding[] };

/**
 * Customers whose totals differ, the largest difference first. `found` is null where the customer
 * is missing or has no total; `difference` is expected minus found, null counting as zero. `sum` is
 * over all customers, `totals` lists the first.
 */
export type TotalsReport = {
  differing: number;
  sum: string;
  totals: { customer: number; found: string | null; expected: string | null; difference: string }[];
};

/** Compares two tables by column name. One adapter per engine. */
export type Diff = {
  layer(
    workspace: Workspace,
    layer: 'silver' | 'quarantine',
    sides: { found: LayerRows; expected: LayerRows },
    limit: number,
  ): Promise<Comparison>;
  /** Compares every column of gold, or the serving table's six where the found side is one. */
  customers(
    workspace: Workspace,
    sides: { found: Customers; expected: Customers },
    limit: number,
  ): Promise<Comparison>;
  totals(
    workspace: Workspace,
    sides: { found: Customers; expected: Customers },
    limit: number,
  ): Promise<TotalsReport>;
};
