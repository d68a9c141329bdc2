import type { MigrationStatus } from '../lake/ports/warehouse.ts';
import { migrate, migrations } from './migrations/migrate.ts';
import { postgresMigrations } from './migrations/postgres.ts';
import type { Sql } from './sql.ts';

/** Brings a PostgreSQL or PGlite database up to this version's schema; the names of what was applied. Error: `MigrationConflict`. */
export function migratePostgres(sql: Sql): Promise<string[]> {
  return migrate(sql, postgresMigrations);
}

/** Every migration of this version, in order, and whether it is applied. */
export function migrationsOfPostgres(sql: Sql): Promise<MigrationStatus[]> {
  return migrations(sql, postgresMigrations);
}

export { postgresMigrations };
