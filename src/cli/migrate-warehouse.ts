import type { Config } from '../config/config.ts';
import type { Io } from './io.ts';
import { connectWarehouse } from './wiring.ts';

/** Applies what is missing of the serving database's schema, or prints it as SQL that can be run by hand. */
export async function migrateWarehouse(
  io: Io,
  config: Config,
  { dryRun, json }: { dryRun: boolean; json: boolean },
): Promise<void> {
  const warehouse = await connectWarehouse(config);
  try {
    const pending = await warehouse.pendingMigrations();
    const applied = dryRun ? [] : await warehouse.migrate();
    const answer = dryRun ? { pending } : { applied };
    if (json) io.stdout.write(`${JSON.stringify(answer)}\n`);
    else if (dryRun) io.stdout.write(sqlText(warehouse.name, pending));
    else io.stdout.write(appliedText(warehouse.name, applied));
  } finally {
    await warehouse.close();
  }
}

function sqlText(name: string, pending: readonly { name: string; sql: string }[]): string {
  if (pending.length === 0) return `-- ${name} is up to date\n`;
  return pending.map((migration) => `-- ${migration.name}\n${migration.sql.trim()}\n`).join('\n');
}

function appliedText(name: string, applied: readonly string[]): string {
  if (applied.length === 0) return `${name} is up to date\n`;
  return `${name}: applied ${applied.join(', ')}\n`;
}
