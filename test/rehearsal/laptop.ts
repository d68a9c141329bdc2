import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { TestServer } from '../servers/process.ts';
import { REFERENCE_RATES } from '../../src/lake/layout.ts';
import { folderStore } from '../../src/stores/filesystem/filesystem.ts';
import { document, purchases } from '../support/cli.ts';
import { putBronze, testFolder } from '../support/folders.ts';
import { lakeOf } from './lake.ts';
import type { Stage } from './stage.ts';

const SIX =
  'customer_id, full_name, email, total_spent_aud, first_purchase_date, last_purchase_date';

/** The serving table as text: one line per customer, sorted. */
async function tableText(postgres: TestServer, database: string): Promise<string> {
  const rows = await postgres.sql(
    database,
    `select row_to_json(t)::text as line from (select ${SIX} from customer_purchase_summary) t`,
  );
  return rows
    .map(({ line }) => String(line))
    .toSorted()
    .join('\n');
}

/**
 * Runs the same files, with their last-modified times, in a folder on this machine. Returns the
 * resulting table as text.
 */
async function laptopTable(stage: Stage, folder: string, postgres: TestServer): Promise<string> {
  const lake = join(folder, 'lake');
  const store = lakeOf(stage);
  const rates = await store.read(REFERENCE_RATES);
  if (rates !== undefined) await folderStore(lake).put(REFERENCE_RATES, Buffer.from(rates));
  for await (const { key, modified } of store.list('bronze/')) {
    const content = Buffer.from((await store.read(key)) ?? []);
    const time = new Date(modified * 1000).toISOString();
    await putBronze(lake, key.slice('bronze/'.length), content, time);
  }
  const database = `laptop_${randomBytes(4).toString('hex')}`;
  const env = { PURCHASES_WAREHOUSE: await postgres.createDatabase(database) };
  document(await purchases({ cwd: folder, env }, 'run', '--lake', lake, '--json'));
  return tableText(postgres, database);
}

/** The table in RDS, and that of a laptop run of the files that are in bronze now. */
export async function tables(
  stage: Stage,
  postgres: TestServer,
): Promise<{ rds: string; laptop: string }> {
  const laptop = await laptopTable(stage, await testFolder(), postgres);
  return { rds: await tableText(postgres, stage.database), laptop };
}
