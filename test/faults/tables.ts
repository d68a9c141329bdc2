import type { PGlite } from '@electric-sql/pglite';

const NAMES = [
  'customer_purchase_summary',
  'customer_purchase_summary_staging',
  'customer_purchase_sync_state',
] as const;

/** The serving tables' rows as JSON, one text each. */
export type Tables = Record<(typeof NAMES)[number], string>;

/** Every row of every serving table. */
export async function dumpTables(db: PGlite): Promise<Tables> {
  const columns = NAMES.map(
    (name) =>
      `(SELECT coalesce(json_agg(t)::text, '[]') FROM (SELECT * FROM ${name} ORDER BY 1) t) AS ${name}`,
  );
  const { rows } = await db.query<Tables>(`SELECT ${columns.join(', ')}`);
  return rows[0]!;
}

export const emptyTables = (db: PGlite): Promise<unknown> =>
  db.exec(
    `${NAMES.map((name) => `DELETE FROM ${name}`).join('; ')}; INSERT INTO customer_purchase_sync_state (only_row) VALUES (TRUE)`,
  );

/** Restores the tables. */
export async function restoreTables(db: PGlite, tables: Tables): Promise<void> {
  await db.transaction(async (inner) => {
    for (const name of NAMES) {
      await inner.exec(`DELETE FROM ${name}`);
      await inner.query(
        `INSERT INTO ${name} OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::${name}, $1::json)`,
        [tables[name]],
      );
    }
  });
}
