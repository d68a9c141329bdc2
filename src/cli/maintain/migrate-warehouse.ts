import type { Config } from '../../config/config.ts';
import type { MigrationStatus } from '../../lake/ports/warehouse.ts';
import { commandLine } from '../terminal/command-line.ts';
import { holdLake } from '../wiring/lock.ts';
import type { Io } from '../terminal/io.ts';
import { connectWarehouse } from '../wiring/wiring.ts';

/**
 * Applies what is missing of the serving database's schema, or prints it as SQL that can be run by
 * hand.
 */
export async function migrateWarehouse(
  io: Io,
  config: Config,
  { dryRun, json }: { dryRun: boolean; json: boolean },
): Promise<void> {
  await using _lock = await holdFolder(io, config);
  const warehouse = await connectWarehouse(config, { command: commandLine(io) });
  try {
    const migrations = await warehouse.migrations();
    const applied = dryRun ? [] : await warehouse.migrate();
    const answer = dryRun ? { migrations } : { applied };
    if (json)
      io.stdout.write(
        `${JSON.stringify({ warehouse: warehouse.name, dry_run: dryRun, ...answer })}\n`,
      );
    else if (dryRun) io.stdout.write(sqlText(warehouse.name, migrations));
    else io.stdout.write(appliedText(warehouse.name, applied));
  } finally {
    await warehouse.close();
  }
}

/**
 * PGlite takes one opener at a time, and does not see to that itself: whoever holds the lake may
 * open it.
 */
async function holdFolder(io: Io, config: Config): Promise<AsyncDisposable> {
  if (config.warehouse.kind !== 'pglite') return { [Symbol.asyncDispose]: () => Promise.resolve() };
  return holdLake(config, { command: commandLine(io), now: new Date() });
}

function sqlText(name: string, migrations: readonly MigrationStatus[]): string {
  const missing = migrations.filter(({ applied }) => !applied);
  const lines = [
    `-- ${name}: ${missing.length === 0 ? 'up to date' : `${missing.length} of ${migrations.length} migrations are missing`}`,
    ...migrations.map((each) => `-- ${each.name}: ${each.applied ? 'applied' : 'missing'}`),
  ];
  return [
    lines.join('\n'),
    ...missing.map(({ name: title, sql }) => `-- ${title}\n${sql.trim()}`),
    '',
  ]
    .join('\n\n')
    .replace(/\n\n$/, '\n');
}

function appliedText(name: string, applied: readonly string[]): string {
  if (applied.length === 0) return `${name} is up to date\n`;
  return `${name}: applied ${applied.join(', ')}\n`;
}
