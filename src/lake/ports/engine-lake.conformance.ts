import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';

import type { Source } from '../../medallion/source.ts';
import { folderStore } from '../../stores/filesystem/filesystem.ts';
import { BRONZE } from '../layout.ts';
import type { DataFile } from '../ledger/records.ts';
import type {
  BronzeResult,
  Engine,
  GoldResult,
  ObjectToRead,
  RatesFile,
  SilverToGoldInput,
  Workspace,
} from './engine.ts';

export const DAY = '2026-04-03';
/** Midday of that day in Sydney, in seconds since 1970. */
const MODIFIED = 1_775_181_600;
const HEADER = 'customer,full_name,email,purchase_id,purchase_date,amount,currency,status';

const source = (customer: 'customer_id' | 'customer_key'): Source => ({
  name: 'shop',
  match: '**',
  rows: 'purchases',
  format: { decimal: '.', thousands: '' },
  dateFormats: [],
  deletes: ['cancelled'],
  fields: Object.fromEntries([
    [customer, { kind: 'column', column: 'customer' }],
    ['operation', { kind: 'column', column: 'status' }],
    ...['full_name', 'email', 'purchase_id', 'purchase_date', 'amount', 'currency'].map((name) => [
      name,
      { kind: 'column', column: name },
    ]),
  ]) as Source['fields'],
});

/** Rows of each file, without the header, by its name. */
export type Files = Record<string, string[]>;
type GoldInput = Partial<Pick<SilverToGoldInput, 'before'>> & {
  keys?: Partial<SilverToGoldInput['keys']>;
};

/** An empty lake with the port's calls on it. */
export type Lake = {
  engine: Engine;
  workspace: Workspace;
  write(files: Files, customer?: 'customer_id' | 'customer_key'): Promise<ObjectToRead[]>;
  read(objects: ObjectToRead[], limits?: { maxQuarantinedShare: number }): Promise<BronzeResult>;
  rates(text: string): Promise<RatesFile>;
  gold(read: BronzeResult, input?: GoldInput): Promise<GoldResult>;
  /** The lines of the load from one gold to another, sorted. */
  load(before: DataFile[] | null, after: DataFile[]): Promise<string[]>;
  close(): Promise<void>;
};

export const USD = 'USD,2026-03-30,1.500000000000';

export async function openLake(engine: Engine): Promise<Lake> {
  const root = await mkdtemp(join(tmpdir(), 'engine-'));
  const scratch = join(root, 'scratch');
  await mkdir(scratch);
  const store = folderStore(join(root, 'lake'));
  const { signal } = new AbortController();
  const workspace: Workspace = { store, scratch, signal, onProgress: () => undefined };
  const rates = async (text: string): Promise<RatesFile> => {
    const path = join(root, `rates-${createHash('sha256').update(text).digest('hex')}.csv`);
    await writeFile(path, `currency,rate_date,rate_aud\n${text}\n`);
    return { path, digest: text, maxAgeDays: 7 };
  };
  return {
    engine,
    workspace,
    rates,
    async write(files, customer = 'customer_id') {
      const objects: ObjectToRead[] = [];
      for (const [name, rows] of Object.entries(files)) {
        const key = `${DAY}/${name}`;
        await store.put(BRONZE + key, Buffer.from([HEADER, ...rows, ''].join('\n')), {
          modified: MODIFIED,
        });
        const { size = 0, etag = '', modified = 0 } = (await store.head(BRONZE + key)) ?? {};
        const info = { key, size, etag, modified, ingestionDate: DAY };
        objects.push({ ...info, source: source(customer), rules: 'r' });
      }
      return objects;
    },
    read: async (objects, { maxQuarantinedShare } = { maxQuarantinedShare: 1 }) =>
      engine.bronzeToSilver(workspace, {
        objects,
        rates: await rates(USD),
        timeZone: 'Australia/Sydney',
        limits: { maxQuarantinedShare, maxInflation: 200 },
      }),
    gold: (read, { before, keys } = {}) =>
      engine.silverToGold(workspace, {
        live: liveOf(read),
        counted: read.objects.map(({ key }) => key),
        keys: { files: [], next: 1_000, file: 'keys/1.parquet', ...keys },
        goldPrefix: `gold/year=2026/month=04/day=03/`,
        ...(before === undefined ? {} : { before }),
      }),
    async load(before, after) {
      const { path, rows } = await engine.goldToStaging(workspace, before, after);
      const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
      expect(lines).toHaveLength(rows);
      return lines.toSorted();
    },
    close: () => rm(root, { recursive: true, force: true }),
  };
}

/** The objects with silver rows, in order of arrival: all have the same time, so by key. */
function liveOf({ objects }: BronzeResult): SilverToGoldInput['live'] {
  let position = 0;
  return objects
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .flatMap(({ key, silver, rows }) => {
      const at = position;
      position += rows.read;
      return silver === null ? [] : [{ key, silver, position: at, rows: rows.read }];
    });
}

export const row = (customer: string, id: string, amount: string, rest = ''): string =>
  `${customer},Ann Lee,ann@example.org,${id},2026-04-01,${amount},${rest === '' ? 'AUD,' : rest}`;
