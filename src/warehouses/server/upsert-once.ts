import type { Load, UpsertResult } from '../../lake/ports/warehouse.ts';
import type { Sql } from '../sql.ts';
import {
  countStaged,
  type Fits,
  syncState,
  upsertWithin,
  type UpsertStatements,
} from '../upsert.ts';

/**
 * Runs the upsert over connections that can be lost. If the response to COMMIT did not arrive, the
 * next attempt waits for the lost transaction's locks and reads from the tables whether it was
 * committed; only if not, the upsert runs again. `attempts` runs the work on a new connection until
 * it fails with no transient error.
 */
export function upsertOnServer(
  load: Load | undefined,
  statements: UpsertStatements,
  attempts: (work: (sql: Sql) => Promise<UpsertResult>) => Promise<UpsertResult>,
  fits: Fits,
): Promise<UpsertResult> {
  let inDoubt: UpsertResult | undefined;
  return attempts(async (sql) => {
    if (load && inDoubt && (await isIn(sql, statements, load))) return inDoubt;
    return sql.transaction(async (transaction) => {
      inDoubt = undefined;
      inDoubt = await upsertWithin(transaction, statements, load, fits);
      return inDoubt;
    });
  });
}

/**
 * True if the load was committed. A load that may end at the seq where it started is recognised by
 * its staged rows, which are removed with the commit; one without rows can be repeated.
 */
function isIn(sql: Sql, statements: UpsertStatements, load: Load): Promise<boolean> {
  return sql.transaction(async (transaction) => {
    const held = syncState((await transaction.query(statements.lockState)).rows[0]);
    if (held?.lake !== load.lake || held.seq !== load.toSeq || held.commit !== load.commit)
      return false;
    if (load.scope !== 'takeover' && load.fromSeq !== load.toSeq) return true;
    return load.rows > 0 && (await countStaged(transaction, statements, load)).rows === 0;
  });
}
