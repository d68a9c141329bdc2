import {
  BatchCreatePartitionCommand,
  BatchDeletePartitionCommand,
  BatchUpdatePartitionCommand,
  paginateGetPartitions,
  type Partition,
  type PartitionError,
  type PartitionInput,
} from '@aws-sdk/client-glue';

import { RemoteFailed } from '../../errors.ts';
import type { Database } from './switch-table.ts';

/** The limit of Glue for one call. */
const WRITTEN_AT_ONCE = 100;
const DELETED_AT_ONCE = 25;

/** Returns every partition, by its values joined with `/`. */
export async function partitionsOf(
  { client, database }: Database,
  table: string,
): Promise<Map<string, Partition>> {
  const found = new Map<string, Partition>();
  const request = { DatabaseName: database, TableName: table, ExcludeColumnSchema: true };
  for await (const { Partitions = [] } of paginateGetPartitions({ client }, request))
    for (const partition of Partitions) found.set((partition.Values ?? []).join('/'), partition);
  return found;
}

/** Adds partitions; one that already exists is left unchanged. */
export async function addPartitions(
  at: Database,
  table: string,
  inputs: readonly PartitionInput[],
): Promise<void> {
  for (const PartitionInputList of batches(inputs, WRITTEN_AT_ONCE)) {
    const request = { DatabaseName: at.database, TableName: table, PartitionInputList };
    const { Errors } = await at.client.send(new BatchCreatePartitionCommand(request));
    check(at, table, Errors, 'AlreadyExistsException');
  }
}

/** Moves existing partitions. One that another publisher has just dropped stays dropped. */
export async function movePartitions(
  at: Database,
  table: string,
  inputs: readonly PartitionInput[],
): Promise<void> {
  for (const batch of batches(inputs, WRITTEN_AT_ONCE)) {
    const Entries = batch.map((input) => ({
      PartitionValueList: input.Values ?? [],
      PartitionInput: input,
    }));
    const request = { DatabaseName: at.database, TableName: table, Entries };
    const { Errors } = await at.client.send(new BatchUpdatePartitionCommand(request));
    check(at, table, Errors, 'EntityNotFoundException');
  }
}

/** Drops partitions; their files stay. */
export async function dropPartitions(
  at: Database,
  table: string,
  values: readonly string[][],
): Promise<void> {
  for (const batch of batches(values, DELETED_AT_ONCE)) {
    const PartitionsToDelete = batch.map((Values) => ({ Values }));
    const request = { DatabaseName: at.database, TableName: table, PartitionsToDelete };
    const { Errors } = await at.client.send(new BatchDeletePartitionCommand(request));
    check(at, table, Errors, 'EntityNotFoundException');
  }
}

function* batches<T>(all: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < all.length; start += size) yield all.slice(start, start + size);
}

/** A batch call returns 200 even if single partitions failed. */
function check(
  { database }: Database,
  table: string,
  errors: readonly PartitionError[] | undefined,
  harmless: string,
): void {
  const first = errors?.find(({ ErrorDetail }) => ErrorDetail?.ErrorCode !== harmless);
  if (first === undefined) return;
  const { ErrorCode, ErrorMessage } = first.ErrorDetail ?? {};
  const which = `${database}.${table} ${first.PartitionValues?.join('/')}`;
  throw new RemoteFailed(`Glue partition ${which}: ${ErrorCode}: ${ErrorMessage}`, {
    hint: 'Nothing is lost: the next run publishes again.',
  });
}
