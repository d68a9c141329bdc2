import { createHash } from 'node:crypto';

/**
 * One numbered step of a schema. Its SQL never changes once released: a correction is a new
 * migration.
 */
export type Migration = { number: number; name: string; sql: string };

/** The statements with which each database keeps the list of applied migrations. */
export type MigrationDialect = {
  /**
   * Makes a second runner wait until this one's transaction ends; returns 0 or NULL if the wait
   * timed out.
   */
  lock: string;
  /** 1 if the list of applied migrations exists, else 0. */
  isKept: string;
  createTable: string;
  /** The applied migrations in order: number, name, checksum. */
  applied: string;
  /** Records one: number, name, checksum. */
  record: string;
  migrations: readonly Migration[];
};

/** The sha-256 of the migration's SQL, in hex. */
export function checksum(migration: Migration): string {
  return createHash('sha256').update(migration.sql).digest('hex');
}
