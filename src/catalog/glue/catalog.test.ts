import {
  CreateDatabaseCommand,
  DeleteTableCommand,
  GetPartitionsCommand,
  GetTablesCommand,
  GlueClient,
} from '@aws-sdk/client-glue';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { type Cloud, startCloud } from '../../../test/servers/moto.ts';
import {
  catalogConformance,
  committed,
  type OpenedCatalog,
} from '../../lake/ports/catalog.conformance.ts';
import { emptyState } from '../../lake/ledger/records.ts';
import { folderStore } from '../../stores/filesystem/filesystem.ts';
import { glueCatalog } from './catalog.ts';

const LOCATION = 's3://customer-purchases/datalake';
let cloud: Cloud;
let client: GlueClient;
let databases = 0;

beforeAll(async () => {
  cloud = await startCloud();
  client = new GlueClient({ ...cloud.client, maxAttempts: 2 });
});
afterAll(() => cloud.stop());

type Opened = OpenedCatalog & { database: string };

async function open(): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'glue-catalog-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const database = `purchases_${++databases}`;
  await client.send(new CreateDatabaseCommand({ DatabaseInput: { Name: database } }));
  const store = folderStore(folder);
  return {
    database,
    store,
    catalog: glueCatalog({ client, database, location: LOCATION, store }),
    shown: () => shown(database),
  };
}

/** The location of every table and partition, and the commit it shows. */
async function shown(database: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const { TableList = [] } = await client.send(new GetTablesCommand({ DatabaseName: database }));
  for (const { Name = '', StorageDescriptor, Parameters } of TableList) {
    found[Name] = `${StorageDescriptor?.Location} ${Parameters?.['purchases.seq'] ?? ''}`;
    const { Partitions = [] } = await client.send(
      new GetPartitionsCommand({ DatabaseName: database, TableName: Name }),
    );
    for (const partition of Partitions)
      found[`${Name} ${partition.Values?.join('-')}`] =
        `${partition.StorageDescriptor?.Location} ${partition.Parameters?.['purchases.seq'] ?? ''}`;
  }
  return found;
}

describe('the Glue catalog', () => {
  catalogConformance(open);

  test('a day keeps its newest version of gold, and days after the newest commit are withdrawn', async () => {
    const { catalog, store, database } = await open();
    let ledger = emptyState();
    for (const day of ['2026-01-29', '2026-01-31', '2026-01-30', '2026-01-30']) {
      ledger = await committed(store, ledger, day);
      await catalog.publish(ledger);
    }
    const found = await shown(database);
    const gold = Object.entries(found).filter(([name]) => name.startsWith('gold'));
    const at = (path: string): string => `${LOCATION}/gold/${path}`;
    expect(Object.fromEntries(gold)).toEqual({
      gold: `${at('year=2026/month=01/day=30/version=4-attempt4/')} 4`,
      gold_history: `${at('')} 4`,
      'gold_history 2026-01-29': `${at('year=2026/month=01/day=29/version=1-attempt1/')} 1`,
      'gold_history 2026-01-30': `${at('year=2026/month=01/day=30/version=4-attempt4/')} 4`,
    });
  });

  test('more days than one call takes are added in batches', async () => {
    const { catalog, store, database } = await open();
    let ledger = emptyState();
    for (let day = 0; day < 130; day += 1) {
      const date = new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10);
      ledger = await committed(store, ledger, date);
    }
    await catalog.publish(ledger);
    const names = Object.keys(await shown(database));
    expect(names.filter((name) => name.startsWith('silver_files '))).toHaveLength(130);
    expect(names.filter((name) => name.startsWith('gold_history '))).toHaveLength(130);
    expect(await catalog.seq()).toBe(130);
  });

  test('a new lake in an old database replaces the previous one, though its commits count from one', async () => {
    const { catalog, store, database } = await open();
    const old = await committed(store, emptyState(), '2026-01-31');
    await catalog.publish(await committed(store, old, '2026-01-31'));
    const other = await mkdtemp(join(tmpdir(), 'glue-catalog-'));
    onTestFinished(() => rm(other, { recursive: true, force: true }));
    const otherStore = folderStore(other);
    const location = 's3://other-purchases/datalake';
    const next = glueCatalog({ client, database, location, store: otherStore });
    await next.publish(await committed(otherStore, emptyState(), '2026-01-02', 'other'));
    expect(await next.seq()).toBe(1);
    const found = await shown(database);
    expect(Object.values(found).filter((place) => place.includes('customer-purchases'))).toEqual([
      // A folder of the previous lake: none of the new lake's objects names a file in it.
      `${LOCATION}/silver/ingestion_date=2026-01-31/ `,
    ]);
  });

  test('a table that was removed is created again', async () => {
    const { catalog, store, database, shown: all } = await open();
    const ledger = await committed(store, emptyState(), '2026-01-31');
    await catalog.publish(ledger);
    const before = await all();
    await client.send(new DeleteTableCommand({ DatabaseName: database, Name: 'objects' }));
    expect(await catalog.seq()).toBeNull();
    await catalog.publish(ledger);
    expect(await all()).toEqual(before);
  });

  test('a lost race is retried; a missing database fails with a hint', async () => {
    const { catalog, store } = await open();
    const ledger = await committed(store, emptyState(), '2026-01-31');
    await catalog.publish(ledger);
    await cloud.fail([
      {
        method: 'POST',
        match: 'AWSGlue.UpdateTable',
        times: 1,
        status: 400,
        code: 'ConcurrentModificationException',
      },
    ]);
    await catalog.publish(await committed(store, ledger, '2026-01-31'));
    expect(await catalog.seq()).toBe(2);
    const nowhere = glueCatalog({ client, database: 'nowhere', location: LOCATION, store });
    await expect(nowhere.publish(ledger)).rejects.toMatchObject({
      name: 'RemoteRefused',
      hint: expect.stringContaining('PURCHASES_CATALOG'),
    });
  });
});
