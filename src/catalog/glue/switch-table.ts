import {
  CreateTableCommand,
  GetTableCommand,
  type GlueClient,
  type Table,
  type TableInput,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';

import { RemoteFailed } from '../../errors.ts';
import { isDefinedAs, LAKE, SEQ } from './definition.ts';
import { isNamed } from './remote.ts';

export type Database = { client: GlueClient; database: string };

/** Each lost race means that another publisher made progress, so a few tries are enough. */
const TRIES = 10;

/** Returns the table, or undefined if it does not exist. */
export async function findTable(
  { client, database }: Database,
  name: string,
): Promise<Table | undefined> {
  try {
    const found = await client.send(new GetTableCommand({ DatabaseName: database, Name: name }));
    return found.Table;
  } catch (error) {
    if (isNamed(error, 'EntityNotFoundException')) return undefined;
    throw error;
  }
}

/** Returns the commit that a table shows, if the table belongs to this lake. */
export function seqOf(
  { Parameters }: { Parameters?: Record<string, string> | undefined },
  lake: string | null,
): number | null {
  const seq = Parameters?.[SEQ];
  return seq === undefined || Parameters?.[LAKE] !== lake ? null : Number(seq);
}

/**
 * Creates the table, or changes it by a conditional update, or leaves it if it already matches
 * `wanted`. A table that shows a later commit of the same lake is never moved back. Error:
 * `RemoteFailed` if other writers win every try.
 */
export async function switchTable(at: Database, wanted: TableInput): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const found = await findTable(at, wanted.Name ?? '');
    if (found !== undefined && !isBehind(found, wanted)) return;
    if (await write(at, found, wanted)) return;
  }
  throw new RemoteFailed(
    `Glue table ${at.database}.${wanted.Name} keeps being changed by other writers.`,
    {
      hint: 'Find out who writes it; the next run publishes again.',
    },
  );
}

function isBehind(found: Table, wanted: TableInput): boolean {
  const lake = wanted.Parameters?.[LAKE] ?? null;
  const [shown, target] = [seqOf(found, lake), seqOf(wanted, lake)];
  if (shown !== null && target !== null && shown > target) return false;
  const moved = found.StorageDescriptor?.Location !== wanted.StorageDescriptor?.Location;
  return moved || shown !== target || !isDefinedAs(found, wanted);
}

/** Returns false if another writer changed the table first. */
async function write(
  { client, database }: Database,
  found: Table | undefined,
  TableInput: TableInput,
): Promise<boolean> {
  try {
    if (found === undefined)
      await client.send(new CreateTableCommand({ DatabaseName: database, TableInput }));
    else
      await client.send(
        new UpdateTableCommand({
          DatabaseName: database,
          TableInput,
          SkipArchive: true,
          ...(found.VersionId === undefined ? {} : { VersionId: found.VersionId }),
        }),
      );
    return true;
  } catch (error) {
    const lost = [
      'AlreadyExistsException',
      'ConcurrentModificationException',
      'VersionMismatchException',
    ];
    if (
      isNamed(error, ...lost) ||
      (found !== undefined && isNamed(error, 'EntityNotFoundException'))
    )
      return false;
    throw error;
  }
}
