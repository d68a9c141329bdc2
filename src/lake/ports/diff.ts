import type { Workspace } from './engine.ts';
import type { Store } from './store.ts';

/**
 * Rows of one layer as a ledger sees them: an object's rows lie in the file that is named beside
 * it.
 */
export type LayerRows = { store: Store; live: { object: string; file: string }[] };

/**
 * A table of customers: gold's files, or a local file of JSON lines with the serving table's six
 * columns.
 */
export type Customers = { store: Store; files: string[] } | { lines: string };

/**
 * A row that is on one side only, or one cell that differs. Values are text as the engine prints
 * it.
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
 * `rows` counts the expected rows, `differing` every row that is not as expected; the findings are
 * of the first `limit` of those.
 */
export type Comparison = { rows: number; differing: number; findings: RowFinding[] };

/**
 * Customers whose totals differ, the largest difference first: `found` is null where the customer
 * is not there, or has no total, `difference` is expected minus found, nothing counting as nothing.
 * `sum` is over all of them, `totals` names the first.
 */
export type TotalsReport = {
  differing: number;
  sum: string;
  totals: { customer: number; found: string | null; expected: string | null; difference: string }[];
};

/** Compares two tables by their columns' names. One adapter per engine. */
export type Diff = {
  layer(
    workspace: Workspace,
    layer: 'silver' | 'quarantine',
    sides: { found: LayerRows; expected: LayerRows },
    limit: number,
  ): Promise<Comparison>;
  /** Of gold every column; where the found side is a serving table, its six. */
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
