import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { startMariadb } from '../test/servers/mariadb.ts';
import { startPostgres } from '../test/servers/postgres.ts';
import type { TestServer } from '../test/servers/process.ts';
import { PYTHON } from './contenders.ts';
import { install } from './install.ts';
import { describe, type Machine } from './machine.ts';
import { section, writePage } from './report/page.ts';
import { save, saved, type ServingRecord, today } from './records.ts';
import { changedCsv, customersOf, goldCsv, type Customers } from './serving/customers.ts';
import { loadProduct, open, type Files, type ProductLoads } from './serving/product-load.ts';
import { append, OTHERS } from './serving/alternatives.ts';
import type { Figures } from './serving/results.ts';

const PACKAGES = ['pyspark', 'pandas', 'sqlalchemy', 'psycopg'];
const HELP = `npm run bench:serving [-- options]
  --customers N   customers of the first load (default 1000000); the second changes every hundredth
  --runs K        runs of each, in turn (default 3; pandas runs once)
  --print         print the table only: leave docs/benchmarks.md and docs/bench/ as they are`;

const { values } = parseArgs({
  options: {
    customers: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '3' },
    print: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else await bench(customersOf(Number(values.customers)), Number(values.runs));

/** Neither server syncs to disk: the disk is not under test. */
async function bench(customers: Customers, runs: number): Promise<void> {
  install('../scripts/install-test-servers.sh');
  install('install.sh');
  const folder = await mkdtemp(join(tmpdir(), 'purchases-bench-serving-'));
  const [postgres, mariadb] = await Promise.all([
    startPostgres(async () => ({ shared_buffers: '256MB', max_wal_size: '4GB', jit: 'off' })),
    startMariadb(async () => ({ 'local-infile': 'ON' })),
  ]);
  try {
    const files = await writeFiles(folder, customers);
    const loads = await compare({ postgres, mariadb, files, customers, runs, folder });
    const record: ServingRecord = {
      part: 'serving',
      measured: today(),
      machine: await machine(postgres, mariadb),
      figures: { customers: customers.count, changed: customers.changed, loads },
    };
    console.log(section(record).text);
    if (!values.print) {
      await save(record);
      console.error(`Written: ${await writePage(await saved())}`);
    }
  } finally {
    await Promise.all([postgres.stop(), mariadb.stop()]);
    await rm(folder, { recursive: true, force: true });
  }
}

async function machine(postgres: TestServer, mariadb: TestServer): Promise<Machine> {
  const [first] = await postgres.sql('postgres', 'SHOW server_version');
  const [second] = await mariadb.sql('mysql', 'SELECT version() AS version');
  const described = describe(String(first?.['server_version']), PYTHON, PACKAGES);
  const version = String(second?.['version']).split('-')[0] ?? '';
  return { ...described, versions: { ...described.versions, MariaDB: version } };
}

async function writeFiles(folder: string, { count, changed }: Customers): Promise<Files> {
  const files = { gold: join(folder, 'gold.csv'), changed: join(folder, 'changed.csv') };
  await pipeline(Readable.from(goldCsv(count)), createWriteStream(files.gold));
  await pipeline(Readable.from(changedCsv(changed)), createWriteStream(files.changed));
  return files;
}

type Given = {
  postgres: TestServer;
  mariadb: TestServer;
  files: Files;
  customers: Customers;
  runs: number;
  folder: string;
};

/** The contenders in turn, each into new tables created by this product's migrations. */
async function compare(given: Given): Promise<Figures> {
  const { runs, files, folder, customers } = given;
  const figures: Figures = { postgres: [], mariadb: [], others: {} };
  for (let run = 0; run < runs; run++) {
    figures.postgres.push(await productLoads(given, 'postgres', run));
    for (const other of OTHERS) {
      if (run > 0 && other.script === 'to_sql.py') continue;
      const url = await migrated(given.postgres, `${other.name}_${run}`);
      const seconds = await append(other, { url, file: files.gold, folder });
      await check(given.postgres, `${other.name}_${run}`, customers.count);
      (figures.others[other.name] ??= []).push(seconds);
      console.error(`${other.title}, run ${run + 1}: ${seconds.toFixed(2)} s`);
    }
    figures.mariadb.push(await productLoads(given, 'mariadb', run));
  }
  return figures;
}

async function productLoads(
  given: Given,
  kind: 'postgres' | 'mariadb',
  run: number,
): Promise<ProductLoads> {
  const url = await migrated(given[kind], `ours_${run}`);
  const loaded = await loadProduct(url, given.files, given.customers);
  await given[kind].sql(kind === 'postgres' ? 'postgres' : 'mysql', `DROP DATABASE ours_${run}`);
  console.error(`purchases on ${kind}, run ${run + 1}: ${JSON.stringify(loaded)}`);
  return loaded;
}

/** Flushes writes that the previous run left behind, so that they do not count for this one. */
async function migrated(server: TestServer, database: string): Promise<string> {
  const url = await server.createDatabase(database);
  await open(url).migrate();
  if (url.startsWith('postgres:')) await server.sql(database, 'CHECKPOINT');
  return url;
}

async function check(server: TestServer, database: string, count: number): Promise<void> {
  const staged = await server.sql(
    database,
    'SELECT count(DISTINCT (customer_id, total_spent_aud)) AS n FROM customer_purchase_summary_staging WHERE load_id IS NULL',
  );
  if (Number(staged[0]?.['n']) !== count)
    throw new Error(`${database} staged ${String(staged[0]?.['n'])} of ${count} customers`);
  await server.sql('postgres', `DROP DATABASE ${database}`);
}
