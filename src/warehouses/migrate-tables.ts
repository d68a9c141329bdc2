import { migrate, migrations } from './migrate.ts';
import type { MigrationDialect } from './migration.ts';
import type { Sql } from './sql.ts';
import { assertTablesFit } from './check-tables.ts';
import type { ShapeDialect } from './table-shape.ts';

/**
 * Brings the tables up to date after checking that existing ones can serve; returns the names of
 * the applied migrations. Errors: `WarehouseSchema`, `MigrationConflict`.
 */
export async function migrateTables(
  sql: Sql,
  dialect: MigrationDialect,
  shape: ShapeDialect,
): Promise<string[]> {
  const isDone = (await migrations(sql, dialect)).every(({ applied }) => applied);
  await assertTablesFit(sql, shape, isDone ? 'whole' : 'before');
  if (isDone) return [];
  const applied = await migrate(sql, dialect);
  await assertTablesFit(sql, shape, 'whole');
  return applied;
}
