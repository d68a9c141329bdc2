import type { PartitionInput, StorageDescriptor, TableInput } from '@aws-sdk/client-glue';
import { createHash } from 'node:crypto';

import type { Column } from '../../medallion/layers.ts';
import type { LakeTable } from './tables.ts';
import type { LakeView } from './views.ts';

/** Parameters of a table or partition that record the commit and lake it shows. */
export const SEQ = 'purchases.seq';
export const LAKE = 'purchases.lake';
const DEFINITION = 'purchases.definition';

/** How Athena reads a format: the serialisation library and the classes that open its files. */
const FORMATS = {
  parquet: {
    input: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
    output: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
    serde: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
  },
  json: {
    input: 'org.apache.hadoop.mapred.TextInputFormat',
    output: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
    serde: 'org.openx.data.jsonserde.JsonSerDe',
  },
} as const;

const columnsOf = (columns: readonly Column[]) => columns.map(([Name, Type]) => ({ Name, Type }));

export function storage(table: LakeTable, location: string): StorageDescriptor {
  const { input, output, serde } = FORMATS[table.format];
  return {
    Columns: columnsOf(table.columns),
    Location: location,
    InputFormat: input,
    OutputFormat: output,
    SerdeInfo: { SerializationLibrary: serde, Parameters: { 'serialization.format': '1' } },
  };
}

/**
 * Builds the Glue input of a table of files at a location; `parameters` record the commit it shows.
 */
export function tableInput(
  table: LakeTable,
  location: string,
  parameters: Record<string, string> = {},
): TableInput {
  const input = {
    Name: table.name,
    Description: table.about,
    TableType: 'EXTERNAL_TABLE',
    PartitionKeys: columnsOf(table.partitions),
  };
  const shape = { ...input, storage: storage(table, '') };
  return {
    ...input,
    StorageDescriptor: storage(table, location),
    Parameters: {
      EXTERNAL: 'TRUE',
      classification: table.format,
      [DEFINITION]: digestOf(shape),
      ...parameters,
    },
  };
}

export const partitionInput = (
  table: LakeTable,
  values: string[],
  location: string,
  parameters: Record<string, string>,
): PartitionInput => ({
  Values: values,
  StorageDescriptor: storage(table, location),
  Parameters: parameters,
});

/**
 * Builds the Glue input of a view as Athena itself stores one: its SQL and columns, in base64
 * within a comment.
 */
export function viewInput(view: LakeView, database: string): TableInput {
  const columns = columnsOf(view.columns);
  const presto = {
    originalSql: view.sql,
    catalog: 'awsdatacatalog',
    schema: database,
    columns: columns.map(({ Name, Type }) => ({ name: Name, type: TRINO_TYPES[Type] ?? Type })),
  };
  const text = Buffer.from(JSON.stringify(presto)).toString('base64');
  return {
    Name: view.name,
    Description: view.about,
    TableType: 'VIRTUAL_VIEW',
    PartitionKeys: [],
    StorageDescriptor: { Columns: columns, Location: '', SerdeInfo: {} },
    ViewOriginalText: `/* Presto View: ${text} */`,
    ViewExpandedText: '/* Presto View */',
    Parameters: { presto_view: 'true', comment: 'Presto View', [DEFINITION]: digestOf(presto) },
  };
}

const TRINO_TYPES: Record<string, string> = { string: 'varchar', int: 'integer' };

/** True if the table has the wanted definition, at any location. */
export const isDefinedAs = (
  { Parameters: found }: { Parameters?: Record<string, string> | undefined },
  { Parameters: wanted }: TableInput,
): boolean => found?.[DEFINITION] === wanted?.[DEFINITION];

const digestOf = (shape: unknown): string =>
  createHash('sha256').update(JSON.stringify(shape)).digest('hex').slice(0, 16);
