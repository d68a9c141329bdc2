import {
  CreateDatabaseCommand,
  GetTablesCommand,
  GlueClient,
  type Table,
} from '@aws-sdk/client-glue';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { glueCatalog } from '../../src/catalog/glue/catalog.ts';
import { viewsOfNewest } from '../../src/catalog/views.ts';
import { loadConfig } from '../../src/config/load.ts';
import { openSession, type Session } from '../../src/engines/duckdb/session.ts';
import { type Cloud, startCloud } from '../servers/moto.ts';
import { csv, memoryWarehouse, type TinyLake, tinyLake } from '../support/tiny-lake.ts';
import { checkSql, type Statement } from './check.ts';
import { prestoSql, viewsFromGlue } from './glue-readers.ts';

const LOCATION = 's3://customer-purchases/datalake';
const DATABASE = 'purchases';
const QUERIES = fileURLToPath(new URL('../../src/catalog/athena/', import.meta.url));
const SOURCES = `sources:
  - { name: keyed, match: 'keyed/**', fields: { customer_key: mail, updated_at: changed, operation: { column: op, deletes: [gone] } } }
  - { name: shop, match: 'shop/**' }
`;

let cloud: Cloud;
let client: GlueClient;
let lake: TinyLake;
let athena: Session;
let laptop: Session;
let tables: Table[];

const session = async (name: string, statements: readonly string[]): Promise<Session> => {
  const opened = await openSession({
    memoryLimit: '300MB',
    threads: 1,
    scratch: join(lake.root, '..', name),
    signal: new AbortController().signal,
  });
  for (const statement of statements) await opened.run(statement);
  return opened;
};
const keyed = (...rows: string[]): string =>
  ['mail,first_name,purchase_id,purchase_date,amount,currency,changed,op', ...rows].join('\n');

beforeAll(async () => {
  cloud = await startCloud();
  client = new GlueClient(cloud.client);
  await client.send(new CreateDatabaseCommand({ DatabaseInput: { Name: DATABASE } }));
  const { warehouse } = await memoryWarehouse();
  lake = await tinyLake(warehouse);
  const { store } = lake.deps;
  const config = join(lake.root, '..', 'purchases.config.yaml');
  await writeFile(config, SOURCES);
  const { sources } = await loadConfig({ cwd: join(lake.root, '..'), env: {}, flags: {} });
  const catalog = glueCatalog({ client, database: DATABASE, location: LOCATION, store });
  const more = { catalog, settings: { ...lake.deps.settings, sources } };
  await lake.run(
    {
      'shop/2026-01-30/a.csv': csv(
        '1,Ada,p1,2026-01-05,10.00',
        '2,Bo,p2,2026-02-06,20.55',
        '3,Cy,p3,2026-02-07,-5.00',
      ),
      'shop/2026-01-30/b.csv': csv(
        '1,Ada,p4,2026-02-05,7.00',
        '4,Di,p5,soon,1.00',
        'x,Ed,,2026-02-05,lots',
      ),
      'keyed/2026-01-31/k.csv': keyed(
        'A@x.org,Al,k1,2026-01-31,100,EUR,2,',
        'b@x.org,Bea,k2,2026-01-31,1,XYZ,1,',
      ),
      'other/2026-01-31/o.csv': 'no,source,fits\n1,2,3\n',
    },
    more,
  );
  // One file of the lake is replaced, one is removed, versions supersede and delete: files hold
  // dead rows as well as live ones.
  await lake.run(
    {
      'shop/2026-01-30/a.csv': csv('1,Ada,p1,2026-01-05,11.00', '2,Bo,p2,2026-02-06,20.55'),
      'shop/2026-01-31/c.csv': csv('2,Bo,p2,2026-02-06,30.00', '5,Fay,p6,2026-02-08,1.00'),
      'keyed/2026-01-31/l.csv': keyed(
        'a@x.org,Al,k1,2026-01-31,90,EUR,1,',
        'c@x.org,Cleo,k3,2026-02-01,5,AUD,1,gone',
      ),
    },
    more,
  );
  await lake.run({ 'shop/2026-01-30/b.csv': undefined }, more);
  await lake.run(
    { 'shop/2026-01-30/d.csv': csv('6,Gus,p7,2026-03-01,1.25', '7,Hal,p8,never,1') },
    more,
  );
  tables = (await client.send(new GetTablesCommand({ DatabaseName: DATABASE }))).TableList ?? [];
  athena = await session(
    'athena',
    await viewsFromGlue(client, DATABASE, { location: LOCATION, root: lake.root }),
  );
  const scratch = join(lake.root, '..', 'views');
  await mkdir(scratch);
  laptop = await session('laptop', (await viewsOfNewest(store, scratch)).statements);
}, 90_000);
afterAll(async () => {
  await athena[Symbol.asyncDispose]();
  await laptop[Symbol.asyncDispose]();
  await lake[Symbol.asyncDispose]();
  await cloud.stop();
});

const sorted = (rows: object[]): string[] => rows.map((row) => JSON.stringify(row)).toSorted();

test.each(['silver', 'quarantine', 'customer_keys', 'gold'])(
  'Athena sees of %s just what a laptop sees of the newest commit',
  async (view) => {
    const columns = await laptop.rows(`select column_name from (describe ${view})`);
    const ask = `select ${columns.map(({ column_name }) => column_name).join(', ')} from ${view}`;
    const [onAthena, onLaptop] = [await athena.rows(ask), await laptop.rows(ask)];
    expect(sorted(onAthena)).toEqual(sorted(onLaptop));
    expect(onAthena.length).toBeGreaterThan(0);
  },
);

test('files of a day hold dead rows, which only the views leave out', async () => {
  const count = async (from: string): Promise<number> =>
    Number((await athena.rows(`select count(*) as n from ${from}`))[0]?.['n']);
  expect(await count('silver_files')).toBeGreaterThan(await count('silver'));
  expect(await count('quarantine_files')).toBeGreaterThan(
    await count("quarantine where reasons not in ('no_source', 'schema_mismatch')"),
  );
});

test('gold of each day is as the commits left it', async () => {
  const days = await athena.rows(
    `select concat_ws('-', year, month, day) as day, count(*) as customers from gold_history group by all order by day`,
  );
  const wanted = await laptop.rows(
    `select cast(gold_day as varchar) as day, count(*) as customers from gold_history group by all order by day`,
  );
  expect(days).toEqual(wanted);
});

const saved = (): Statement[] =>
  readdirSync(QUERIES).map((name) => ({
    name,
    sql: readFileSync(join(QUERIES, name), 'utf8'),
    dialect: 'trino',
  }));

test('the saved queries are valid Trino SQL and return the same rows on a laptop', async () => {
  const checked = await checkSql(saved());
  expect(checked.map(({ name, faults }) => ({ name, faults }))).toEqual([
    { name: 'monthly-spend.sql', faults: [] },
    { name: 'refused-rows.sql', faults: [] },
    { name: 'top-customers.sql', faults: [] },
  ]);
  for (const { duckdb } of checked)
    expect(await athena.rows(duckdb)).toEqual(await laptop.rows(duckdb));
});

test('the saved queries agree with gold and the counts of the ledger', async () => {
  const [monthly, refused, top] = (await checkSql(saved())).map(({ duckdb }) => duckdb);
  expect(await athena.rows(`select sum(spent_aud) as total from (${monthly})`)).toEqual(
    await laptop.rows('select sum(total_spent_aud) as total from gold'),
  );
  expect(await athena.rows(`select max(total_spent_aud) as most from (${top})`)).toEqual(
    await laptop.rows('select max(total_spent_aud) as most from gold'),
  );
  expect(await athena.rows(`select reason, refused from (${refused}) order by reason`)).toEqual(
    await laptop.rows(
      `select reason, count(*) as refused from (select unnest(string_split(reasons, ',')) as reason from quarantine) group by reason order by reason`,
    ),
  );
});

test('every table and view is valid Athena DDL', async () => {
  const faults = (await checkSql(tables.map(ddlOf))).filter((checked) => checked.faults.length > 0);
  expect(faults).toEqual([]);
  expect(tables.map(({ Name = '' }) => Name).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
    'customer_key_files customer_keys gold gold_history key_files objects quarantine quarantine_files silver silver_files'.split(
      ' ',
    ),
  );
});

test.each([
  ['select max_by(a) from t', 'trino'],
  ['select nosuchfunction(1)', 'trino'],
  ['selec 1', 'trino'],
  ['create external table t (a string) storedd as parquet', 'hive'],
  ['create view v as select cast(1 as nosuchtype) as a', 'trino'],
] as const)('a fault is found: %s', async (sql, dialect) => {
  const [checked] = await checkSql([{ name: 'planted', sql, dialect }]);
  expect(checked?.faults).not.toEqual([]);
});

/** The statement that would create the table manually. */
function ddlOf({
  Name = '',
  StorageDescriptor,
  PartitionKeys = [],
  ViewOriginalText,
  TableType,
}: Table): Statement {
  if (TableType === 'VIRTUAL_VIEW')
    return {
      name: Name,
      sql: `create view ${Name} as ${prestoSql(ViewOriginalText ?? '')}`,
      dialect: 'trino',
    };
  const list = (columns: { Name?: string | undefined; Type?: string | undefined }[]): string =>
    columns.map((column) => `\`${column.Name}\` ${column.Type}`).join(', ');
  const { Columns = [], Location, InputFormat, OutputFormat, SerdeInfo } = StorageDescriptor ?? {};
  const partitioned = PartitionKeys.length === 0 ? '' : ` PARTITIONED BY (${list(PartitionKeys)})`;
  return {
    name: Name,
    sql: `CREATE EXTERNAL TABLE ${Name} (${list(Columns)})${partitioned} ROW FORMAT SERDE '${SerdeInfo?.SerializationLibrary}' STORED AS INPUTFORMAT '${InputFormat}' OUTPUTFORMAT '${OutputFormat}' LOCATION '${Location}'`,
    dialect: 'hive',
  };
}
