import { migrate, pendingMigrations } from './migrations/migrate.ts';
import { postgresMigrations } from './migrations/postgres.ts';
import type { Sql } from './sql.ts';

/** Brings a PostgreSQL or PGlite database up to this version's schema; the names of what was applied. Error: `MigrationConflict`. */
export function migratePostgres(sql: Sql): Promise<string[]> {
  return migrate(sql, postgresMigrations);
}

/** What `migratePostgres` would apply, in order. */
export function pendingPostgres(sql: Sql): Promise<{ name: string; sql: string }[]> {
  return pendingMigrations(sql, postgresMigrations);
}

export { postgresMigrations };
