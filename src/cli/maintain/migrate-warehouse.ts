import type { Config } from '../../config/config.ts';
import type { MigrationStatus } from '../../lake/ports/warehouse.ts';
import { commandLine } from '../terminal/command-line.ts';
import { holdLake } from '../wiring/lock.ts';
import type { Io } from '../terminal/io.ts';
import { connectWarehouse } from '../wiring/wiring.ts';

/** Applies missing migrations to the serving database, or prints them as SQL to run manually. */
export async function migrateWarehouse(
  io: Io,
  config: Config,
  { dryRun, json }: { dryRun: boolean; json: boolean },
): Promise<void> {
  await using _lock = await lockEmbedded(io, config);
  const warehouse = await connectWarehouse(config, { command: commandLine(io) });
  try {
    const migrations = await warehouse.migrations();
    const applied = dryRun ? [] : await warehouse.migrate();
    const result = dryRun ? { migrations } : { applied };
    if (json)
      io.stdout.write(
        `${JSON.stringify({ warehouse: warehouse.name, dry_run: dryRun, ...result })}\n`,
      );
    else if (dryRun) io.stdout.write(sqlText(warehouse.name, migrations));
    else io.stdout.write(appliedText(warehouse.name, applied));
  } finally {
    await warehouse.close();
  }
}

/** PGlite allows one process at a time but does not enforce it: the lake's lock does. */
async function lockEmbedded(io: Io, config: Config): Promise<AsyncDisposable> {
  if (config.warehouse.kind !== 'pglite') return { [Symbol.asyncDispose]: () => Promise.resolve() };
  return holdLake(config, { command: commandLine(io), now: new Date() });
}

function sqlText(name: string, migrations: readonly MigrationStatus[]): string {
  const missing = migrations.filter(({ applied }) => !applied);
  const lines = [
    `-- ${name}: ${missing.length === 0 ? 'up to date' : `${missing.length} of ${migrations.length} migrations missing`}`,
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
