import { MigrationConflict } from '../../errors.ts';
import type { Sql } from '../sql.ts';
import { checksum, type Migration, type MigrationDialect } from './migration.ts';

/**
 * Applies the missing migrations in order, all in one transaction, and answers their names. Two runners
 * at once: the second waits and finds nothing to do. Error: `MigrationConflict` where the database was
 * migrated by other code than this.
 */
export function migrate(sql: Sql, dialect: MigrationDialect): Promise<string[]> {
  return sql.transaction(async (transaction) => {
    await transaction.query(dialect.lock);
    await transaction.exec(dialect.createTable);
    const missing = await missingMigrations(transaction, dialect);
    for (const migration of missing) {
      await transaction.exec(migration.sql);
      await transaction.query(dialect.record, [
        migration.number,
        migration.name,
        checksum(migration),
      ]);
    }
    return missing.map(title);
  });
}

async function missingMigrations(sql: Sql, dialect: MigrationDialect): Promise<Migration[]> {
  const known = new Map(dialect.migrations.map((migration) => [migration.number, migration]));
  const { rows } = await sql.query(dialect.applied);
  for (const [number, name, applied] of rows) {
    const migration = known.get(Number(number));
    if (migration === undefined) {
      throw new MigrationConflict(
        `The database has migration ${number} (${name}), which this version does not know.`,
        {
          hint: 'A newer version of customer-purchases-pipeline has migrated it: use that version, or another database.',
        },
      );
    }
    if (checksum(migration) !== applied) {
      throw new MigrationConflict(
        `Migration ${title(migration)} was applied to the database with other SQL than this version holds (checksum ${applied}).`,
        {
          hint: 'Use the version that applied it, or let this one fill an empty database: every row can be made again from the lake.',
        },
      );
    }
    known.delete(migration.number);
  }
  return [...known.values()].toSorted((a, b) => a.number - b.number);
}

function title(migration: Migration): string {
  return `${String(migration.number).padStart(3, '0')}-${migration.name}`;
}
