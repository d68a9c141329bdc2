import { LoadIncomplete, WarehouseForeign } from '../errors.ts';
import type { Load, SyncState, UpsertResult } from '../lake/ports/warehouse.ts';
import type { Sql, SqlValue } from './sql.ts';

/**
 * The statements of the upsert in one database's SQL. By default a statement binds only a load's
 * id.
 */
export type UpsertStatements = {
  /**
   * Binds nothing. Locks the single row and returns lake, seq, commit; a second upsert waits here.
   */
  lockState: string;
  /** Binds nothing. 1 if the serving table has any row, else 0. */
  anyRow: string;
  /** Binds nothing. 1 if external writers have staged any row, else 0. */
  anyExternal: string;
  /**
   * Assigns the rows of external writers to a load of that id; waits for no writer that is still
   * appending.
   */
  claimExternal: string;
  /** Keeps of each customer the row that was staged last. */
  keepLastStaged: string;
  /**
   * Binds nothing. Updates the planner's statistics of staging; empty if the database does so
   * itself.
   */
  analyze: string;
  /** Rows and distinct customers of the load. */
  countStaged: string;
  /** Keeps one of identical rows. */
  dropRepeats: string;
  /**
   * The first and the last customer of each slice, in order, if a load is set slice by slice: then
   * the next three statements bind both too.
   */
  slices?: string;
  /**
   * Locks the serving table's rows that will be changed or deleted, in the order of customer_id, so
   * that concurrent writers cannot deadlock.
   */
  lockRows: string;
  updateChanged: string;
  insertNew: string;
  /** Returns the number of inserted rows, if it counts them itself. */
  insertIntoEmpty: string;
  deleteVanished: string;
  /** Deletes the customers that the load does not name. */
  deleteUnnamed: string;
  clearLoad: string;
  /** The same at the end of the upsert's transaction, where staging may be locked until it ends. */
  clearInUpsert: string;
  /** The ids of the other loads with rows in staging. */
  otherLoads: string;
  /** Binds lake, seq, commit. */
  recordState: string;
};

/**
 * Checks the tables that are about to be written, which cannot be altered until the transaction
 * ends. Error: `WarehouseSchema`.
 */
export type Fits = (transaction: Sql) => Promise<void>;

type Counts = { inserted: number; updated: number; deleted: number };

/**
 * Never committed under this name: claimed rows are cleared, or released, by the transaction that
 * claimed them.
 */
const EXTERNAL = 'external';

/**
 * Applies a load to the serving table in one transaction: first the rows of external writers
 * (inserted or updated, the last appended wins, none deleted), then the load if it starts at the
 * table's seq. The counts are rows really changed, by both together. Errors: `LoadIncomplete`,
 * `WarehouseForeign`; then nothing has changed.
 */
export function upsert(
  sql: Sql,
  statements: UpsertStatements,
  load: Load | undefined,
  fits: Fits = async () => {},
): Promise<UpsertResult> {
  return sql.transaction((transaction) => upsertWithin(transaction, statements, load, fits));
}

/** Runs the upsert in a transaction that its caller commits. */
export async function upsertWithin(
  transaction: Sql,
  statements: UpsertStatements,
  load: Load | undefined,
  fits: Fits,
): Promise<UpsertResult> {
  const held = syncState((await transaction.query(statements.lockState)).rows[0]);
  // From here on no type of either table can change until the transaction ends.
  const empty = (await transaction.query(statements.anyRow)).rows[0]?.[0] === '0';
  const anyExternal = (await transaction.query(statements.anyExternal)).rows[0]?.[0] === '1';
  await fits(transaction);
  const outcome = load === undefined ? 'applied' : verdict(load, held, empty);
  const external = anyExternal ? await applyExternal(transaction, statements, empty) : NO_EXTERNAL;
  const emptyStill = empty && external.inserted === 0;
  const changed =
    load && outcome === 'applied'
      ? await applyLoad(transaction, statements, load, emptyStill)
      : NOTHING;
  if (load) await transaction.query(statements.clearInUpsert, [load.loadId]);
  return {
    outcome,
    seq: load && outcome === 'applied' ? load.toSeq : (held?.seq ?? null),
    inserted: external.inserted + changed.inserted,
    updated: external.updated + changed.updated,
    deleted: changed.deleted,
    foreign: external.foreign,
  };
}

/** Reads the state from the columns lake, seq, commit; undefined if none was ever recorded. */
export function syncState(row: readonly (string | null)[] | undefined): SyncState | undefined {
  if (row === undefined) throw new Error('customer_purchase_sync_state has lost its one row');
  const [lake, seq, commit] = row;
  return lake && commit ? { lake, seq: Number(seq), commit } : undefined;
}

const NO_EXTERNAL = { foreign: 0, inserted: 0, updated: 0 };
const NOTHING: Counts = { inserted: 0, updated: 0, deleted: 0 };

function verdict(load: Load, held: SyncState | undefined, empty: boolean): UpsertResult['outcome'] {
  if (load.scope === 'takeover') {
    if (!isAsShown(load, held)) throw movedOn(held);
    return 'applied';
  }
  if (held === undefined) {
    if (!empty) throw foreign('holds rows, but no record of their lake');
    return load.fromSeq === null ? 'applied' : 'stale';
  }
  if (held.lake !== load.lake)
    throw foreign(`was loaded from another lake (${held.lake}, not ${load.lake})`);
  if (held.seq === load.toSeq) {
    // A full load from the same seq: the table was emptied manually, and must be filled again.
    const again = load.scope === 'whole' && load.fromSeq === load.toSeq;
    if (held.commit === load.commit) return again ? 'applied' : 'already';
    throw foreign(`was loaded from a commit ${held.seq} that this lake does not have`);
  }
  const { from } = load;
  if (from && from.seq === held.seq && from.commit !== held.commit) return 'stale';
  return held.seq === load.fromSeq && load.toSeq > held.seq ? 'applied' : 'stale';
}

/**
 * True if the table still has the origin that was shown, or, after a try whose response was lost,
 * is at the load's own commit.
 */
function isAsShown(
  { from = null, lake, toSeq, commit }: Load,
  held: SyncState | undefined,
): boolean {
  const same = (other: SyncState | undefined): boolean =>
    other?.lake === held?.lake && other?.seq === held?.seq && other?.commit === held?.commit;
  return same(from ?? undefined) || same({ lake, seq: toSeq, commit });
}

const movedOn = (held: SyncState | undefined): WarehouseForeign =>
  new WarehouseForeign(
    `The table customer_purchase_summary changed its origin meanwhile: now ${held === undefined ? 'none is recorded' : `it is at seq ${held.seq} of lake ${held.lake}, commit ${held.commit}`}. Nothing was changed.`,
    { hint: 'Another command wrote it. Check the table, then run the command again.' },
  );

function foreign(why: string): WarehouseForeign {
  return new WarehouseForeign(`The table customer_purchase_summary ${why}. Nothing was changed.`, {
    hint: "Point the warehouse at another database, or make the table this lake's: purchases adopt, or purchases repair --yes-take-over with the table's lake.",
  });
}

async function applyExternal(
  sql: Sql,
  statements: UpsertStatements,
  empty: boolean,
): Promise<{ foreign: number; inserted: number; updated: number }> {
  const claimed = await sql.query(statements.claimExternal, [EXTERNAL]);
  if (claimed.count === 0) return NO_EXTERNAL;
  if (statements.analyze) await sql.exec(statements.analyze);
  await sql.query(statements.keepLastStaged, [EXTERNAL]);
  const changed = await setStaged(sql, statements, EXTERNAL, empty);
  await sql.query(statements.clearLoad, [EXTERNAL]);
  return { foreign: claimed.count, ...changed };
}

async function applyLoad(
  sql: Sql,
  statements: UpsertStatements,
  load: Load,
  empty: boolean,
): Promise<Counts> {
  await checkWhole(sql, statements, load);
  // In an empty table no row is updated or deleted, so no join is needed.
  if (statements.analyze && !empty) await sql.exec(statements.analyze);
  const set = await setStaged(sql, statements, load.loadId, empty);
  const difference = (load.scope ?? 'difference') === 'difference';
  const { count: deleted } = empty
    ? { count: 0 }
    : await sql.query(difference ? statements.deleteVanished : statements.deleteUnnamed, [
        load.loadId,
      ]);
  await sql.query(statements.recordState, [load.lake, load.toSeq, load.commit]);
  if (load.fromSeq !== load.toSeq) await clearSuperseded(sql, statements, load.loadId);
  return { ...set, deleted };
}

/**
 * Clears loads that can no longer be applied: every visible one was staged for the seq that the
 * table leaves. The load itself is cleared last, once: MariaDB took 2.2 s to skip a million rows
 * that the transaction had already deleted.
 */
async function clearSuperseded(
  sql: Sql,
  statements: UpsertStatements,
  applied: string,
): Promise<void> {
  for (const [loadId] of (await sql.query(statements.otherLoads, [applied])).rows)
    await sql.query(statements.clearInUpsert, [loadId ?? null]);
}

async function setStaged(
  sql: Sql,
  statements: UpsertStatements,
  loadId: string,
  empty: boolean,
): Promise<{ inserted: number; updated: number }> {
  if (empty) {
    const { rows, count } = await sql.query(statements.insertIntoEmpty, [loadId]);
    return { inserted: Number(rows[0]?.[0] ?? count), updated: 0 };
  }
  const set = { inserted: 0, updated: 0 };
  // Updates come first, so that rows just inserted are not compared again.
  for (const slice of await slicesOf(sql, statements, loadId)) {
    await sql.query(statements.lockRows, slice);
    set.updated += (await sql.query(statements.updateChanged, slice)).count;
    set.inserted += (await sql.query(statements.insertNew, slice)).count;
  }
  return set;
}

/**
 * Returns the bound values of the statements that set a load, for each slice. Slices ascend, so all
 * rows are still locked in the order of their customers.
 */
async function slicesOf(
  sql: Sql,
  { slices }: UpsertStatements,
  loadId: string,
): Promise<SqlValue[][]> {
  if (slices === undefined) return [[loadId]];
  const { rows } = await sql.query(slices, [loadId]);
  return rows.map(([first, last]) => [loadId, Number(first), Number(last)]);
}

/** A retried loading task may have appended its rows twice: identical rows count as one. */
async function checkWhole(sql: Sql, statements: UpsertStatements, load: Load): Promise<void> {
  let { rows, customers } = await countStaged(sql, statements, load);
  if (rows > customers) {
    if (statements.analyze) await sql.exec(statements.analyze);
    await sql.query(statements.dropRepeats, [load.loadId]);
    ({ rows, customers } = await countStaged(sql, statements, load));
  }
  if (rows === load.rows && customers === load.rows) return;
  const found =
    rows > customers
      ? `${rows} differing rows for ${customers} customers`
      : `${customers} customers where ${load.rows} were to be staged`;
  throw new LoadIncomplete(
    `Load ${load.loadId} is not whole: it has ${found}. Nothing was changed.`,
    {
      hint: 'Run again: the load is staged again.',
    },
  );
}

/** Returns the rows and distinct customers that are staged under the load's id. */
export async function countStaged(
  sql: Sql,
  statements: UpsertStatements,
  load: Load,
): Promise<{ rows: number; customers: number }> {
  const [rows, customers] = (await sql.query(statements.countStaged, [load.loadId])).rows[0] ?? [];
  return { rows: Number(rows), customers: Number(customers) };
}
