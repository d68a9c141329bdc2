import type { MigrationStatus } from '../../lake/ports/warehouse.ts';
import { migrations } from '../migrate.ts';
import { postgresMigrations } from './migrations.ts';
import { migrateTables } from '../migrate-tables.ts';
import { postgresShape } from './shape.ts';
import type { Sql } from '../sql.ts';

/**
 * Brings a PostgreSQL or PGlite database up to this version's schema; returns the names of the
 * applied migrations. Errors: `MigrationConflict`, `WarehouseSchema`.
 */
export function migratePostgres(sql: Sql): Promise<string[]> {
  return migrateTables(sql, postgresMigrations, postgresShape);
}

/** Returns every migration of this version, in order, and whether it is applied. */
export function migrationsOfPostgres(sql: Sql): Promise<MigrationStatus[]> {
  return migrations(sql, postgresMigrations);
}
