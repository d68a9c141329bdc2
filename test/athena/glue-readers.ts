import {
  GetPartitionsCommand,
  GetTablesCommand,
  type GlueClient,
  type StorageDescriptor,
  type Table,
} from '@aws-sdk/client-glue';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkSql } from './check.ts';

/** The location of the lake for Athena and on this machine. */
export type Places = { location: string; root: string };

/**
 * Athena's view of the lake, as DuckDB views: for each table exactly the files below the locations
 * in Glue, with Glue's columns and `$path`; for each view the SQL stored in Glue, translated to
 * DuckDB's dialect.
 */
export async function viewsFromGlue(
  client: GlueClient,
  database: string,
  places: Places,
): Promise<string[]> {
  const { TableList = [] } = await client.send(new GetTablesCommand({ DatabaseName: database }));
  const tables = TableList.filter(({ TableType }) => TableType === 'EXTERNAL_TABLE');
  const views = TableList.filter(({ TableType }) => TableType === 'VIRTUAL_VIEW').toSorted(
    ({ Name: a = '' }, { Name: b = '' }) => a.localeCompare(b),
  );
  const statements: string[] = [];
  for (const table of tables) statements.push(await tableView(client, database, table, places));
  const checked = await checkSql(
    views.map(({ Name = '', ViewOriginalText = '' }) => ({
      name: Name,
      sql: prestoSql(ViewOriginalText),
      dialect: 'trino',
    })),
  );
  return [
    ...statements,
    ...checked.map(({ name, duckdb }) => `create view "${name}" as ${duckdb}`),
  ];
}

/** The SQL of a view as Athena stores it. */
export function prestoSql(text: string): string {
  const encoded = /^\/\* Presto View: ([\w+/=]+) \*\/$/.exec(text)?.[1] ?? '';
  const view = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as {
    originalSql: string;
  };
  return view.originalSql;
}

async function tableView(
  client: GlueClient,
  database: string,
  { Name = '', StorageDescriptor = {}, PartitionKeys = [] }: Table,
  places: Places,
): Promise<string> {
  if (PartitionKeys.length === 0)
    return `create view "${Name}" as ${read(StorageDescriptor, [], places)}`;
  const { Partitions = [] } = await client.send(
    new GetPartitionsCommand({ DatabaseName: database, TableName: Name }),
  );
  const parts = Partitions.map(({ StorageDescriptor: storage = {}, Values = [] }) => {
    const keys = PartitionKeys.map(
      (key, index) => `cast('${Values[index]}' as ${key.Type}) as "${key.Name}"`,
    );
    return read(storage, keys, places);
  });
  const none = PartitionKeys.map((key) => `cast(null as ${key.Type}) as "${key.Name}"`);
  const empty = read({ ...StorageDescriptor, Location: '' }, none, places);
  return `create view "${Name}" as ${[...parts, empty].join('\nunion all by name ')}`;
}

function read(storage: StorageDescriptor, more: string[], { location, root }: Places): string {
  const columns = (storage.Columns ?? []).map(({ Name = '', Type = '' }) => ({ Name, Type }));
  const files = filesBelow(storage.Location ?? '', { location, root });
  const picked = columns.map(({ Name, Type }) => `cast("${Name}" as ${Type}) as "${Name}"`);
  if (files.length === 0) {
    const nothing = columns.map(({ Name, Type }) => `cast(null as ${Type}) as "${Name}"`);
    return `select ${[...nothing, ...more, `'' as "$path"`].join(', ')} where false`;
  }
  const path = `replace(filename, '${root}', '${location}') as "$path"`;
  const list = files.map((file) => `'${file}'`).join(', ');
  const isParquet = storage.SerdeInfo?.SerializationLibrary?.includes('Parquet') === true;
  const types = columns.map(({ Name, Type }) => `"${Name}": '${Type}'`).join(', ');
  const from = isParquet
    ? `read_parquet([${list}], hive_partitioning = false, filename = true)`
    : `read_json([${list}], format = 'newline_delimited', columns = {${types}}, filename = true)`;
  return `select ${[...picked, ...more, path].join(', ')} from ${from}`;
}

/** Every file below a location, dead ones too: Athena would open all of them. */
function filesBelow(at: string, { location, root }: Places): string[] {
  if (!at.startsWith(`${location}/`)) return [];
  const folder = join(root, at.slice(location.length));
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^[._]/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}
