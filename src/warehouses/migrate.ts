import { MigrationConflict, RemoteFailed } from '../errors.ts';
import type { MigrationStatus } from '../lake/ports/warehouse.ts';
import type { Sql } from './sql.ts';
import { checksum, type Migration, type MigrationDialect } from './migration.ts';

/**
 * Applies the missing migrations in order, all in one transaction, and returns their names. Of two
 * concurrent runners, the second waits and finds nothing to do. If no migration is missing, only
 * reads are needed, so a role that may not create tables can check too. Error: `MigrationConflict`
 * if the database was migrated by other code.
 */
export async function migrate(sql: Sql, dialect: MigrationDialect): Promise<string[]> {
  if ((await migrations(sql, dialect)).every(({ applied }) => applied)) return [];
  return sql.transaction(async (transaction) => {
    const locked = (await transaction.query(dialect.lock)).rows[0]?.[0];
    if (locked === '0' || locked === null)
      throw new RemoteFailed('Another process has been migrating the database for minutes.', {
        hint: 'Run again when that has ended.',
      });
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

/**
 * Returns every migration in order, with the script that applies and records it. Only reads. Error:
 * `MigrationConflict`.
 */
export async function migrations(sql: Sql, dialect: MigrationDialect): Promise<MigrationStatus[]> {
  const isKept = (await sql.query(dialect.isKept)).rows[0]?.[0] === '1';
  const missing = isKept ? await missingMigrations(sql, dialect) : dialect.migrations;
  return inOrder(dialect.migrations).map((migration) => ({
    name: title(migration),
    applied: !missing.includes(migration),
    sql: scriptOf(migration, dialect),
  }));
}

/**
 * Returns the migration as a script, which creates the list of applied migrations if it is missing,
 * and records the migration in it.
 */
function scriptOf(migration: Migration, { createTable, record }: MigrationDialect): string {
  const { number, name, sql } = migration;
  const values = [String(number), `'${name}'`, `'${checksum(migration)}'`];
  const recorded = record.replaceAll(/\$(\d)/g, (_, place) => values[Number(place) - 1] ?? '');
  return `${createTable.trim()};\n\n${sql.trim()}\n\n${recorded};\n`;
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
          hint: 'Use the version that applied it, or let this one fill an empty database: every row can be rebuilt from the lake.',
        },
      );
    }
    known.delete(migration.number);
  }
  return inOrder([...known.values()]);
}

function inOrder(unsorted: readonly Migration[]): Migration[] {
  return unsorted.toSorted((a, b) => a.number - b.number);
}

function title(migration: Migration): string {
  return `${String(migration.number).padStart(3, '0')}-${migration.name}`;
}
