import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  DiskFailed,
  KeyRefused,
  ObjectMissing,
  RemoteFailed,
  RemoteRefused,
} from '../../errors.ts';
import { storeConformance } from '../../lake/ports/store.conformance.ts';
import type { Skipped, Store } from '../../lake/ports/store.ts';
import { type Cloud, startCloud } from '../../../test/servers/moto.ts';
import { RANGE_BYTES } from './reading.ts';
import { s3Store } from './s3.ts';
import { PART_BYTES } from './writing.ts';

let cloud: Cloud;
let raw: S3Client;
let bucket: string;
let scratch: string;
let buckets = 0;

beforeAll(async () => {
  cloud = await startCloud();
  raw = new S3Client(cloud.client);
});
afterAll(async () => {
  raw.destroy();
  await cloud.stop();
});
beforeEach(async () => {
  bucket = `lake-${buckets++}`;
  await raw.send(
    new CreateBucketCommand({
      Bucket: bucket,
      CreateBucketConfiguration: { LocationConstraint: 'ap-southeast-2' },
    }),
  );
  scratch = await mkdtemp(join(tmpdir(), 's3-store-'));
});
afterEach(async () => {
  await cloud.fail([]);
  await rm(scratch, { recursive: true });
});

type LakeOptions = { prefix?: string; scratchBytes?: number; endpoint?: string };

function open({
  prefix = '',
  scratchBytes = 1e9,
  endpoint = cloud.endpoint,
}: LakeOptions = {}): Store {
  const client = { ...cloud.client, endpoint, maxAttempts: 4 };
  return s3Store(`s3://${bucket}${prefix}`, { scratchBytes, random: Math.random, client });
}

async function keysOf(store: Store, prefix = ''): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

const bytes = new TextEncoder().encode('customer_id\n1\n');
const put = (Key: string, content: string | Uint8Array = 'x'): Promise<unknown> =>
  raw.send(new PutObjectCommand({ Bucket: bucket, Key, Body: Buffer.from(content) }));

storeConformance(
  'a bucket',
  async () => ({ store: open(), reopen: () => open(), close: async () => {} }),
  1000,
);

describe('a prefix of a bucket', () => {
  test('is a lake of its own', async () => {
    await put('outside.csv');
    await put('datalake2/outside.csv');
    const store = open({ prefix: '/datalake' });
    await store.create('bronze/a b.csv', bytes);
    await put('datalake/bronze/c.csv');
    expect(await keysOf(store)).toEqual(['bronze/a b.csv', 'bronze/c.csv']);
    expect(await keysOf(open())).toContain('datalake/bronze/a b.csv');
    expect(store.name).toBe(`s3://${bucket}/datalake`);
  });

  test('counts where a key must end at 1,024 bytes', async () => {
    const store = open({ prefix: '/datalake' });
    const names = (last: number): string =>
      ['a', 'b', 'c'].map((name) => name.repeat(255)).join('/') + `/${'d'.repeat(last)}`;
    expect(await store.create(names(1024 - 9 - 768), bytes)).toBe(true);
    await expect(store.create(names(1024 - 9 - 768 + 1), bytes)).rejects.toThrow(KeyRefused);
  });
});

describe('objects that other tools put into a bucket', () => {
  test('the empty objects with which the console shows folders, and hidden files, are skipped', async () => {
    await Promise.all(
      ['bronze/', 'bronze/shop/', 'bronze/.DS_Store', '.git/config'].map((key) => put(key, '')),
    );
    await put('bronze/a.csv');
    expect(await keysOf(open())).toEqual(['bronze/a.csv']);
  });

  test.each([
    'bronze/a//b.csv',
    'bronze/../b.csv',
    'bronze/a\u0001b.csv',
    `bronze/${'n'.repeat(256)}`,
    'bronze/full/',
  ])('the key %j is refused by name, or reported: never skipped silently', async (key) => {
    await put(key);
    await expect(keysOf(open(), 'bronze/')).rejects.toThrow(KeyRefused);
    expect(await keysOf(open(), 'silver/')).toEqual([]);
    await put('bronze/good.csv');
    const skipped: Skipped[] = [];
    const keys: string[] = [];
    const onSkipped = (one: Skipped): void => void skipped.push(one);
    for await (const info of open().list('bronze/', { onSkipped })) keys.push(info.key);
    expect(keys).toEqual(['bronze/good.csv']);
    expect(skipped).toEqual([
      { key, reason: 'name_refused', message: expect.stringContaining('Rename it.') },
    ]);
  });
});

describe('large objects', () => {
  test('are uploaded in parts and downloaded in ranges, byte for byte, also by create', async () => {
    const content = Buffer.alloc(2 * PART_BYTES + 12_345);
    for (let at = 0; at < content.length; at += 997) content[at] = at % 251;
    const file = join(scratch, 'large');
    await writeFile(file, content);
    const store = open();
    expect(await store.create('silver/large.parquet', { file })).toBe(true);
    expect(await store.create('silver/large.parquet', { file })).toBe(false);
    const path = await store.local('silver/large.parquet', join(scratch, 'step'));
    expect((await readFile(path)).equals(content)).toBe(true);
    const { Uploads } = await raw.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    expect(Uploads ?? []).toEqual([]);
  });

  test('that are replaced during a download are of one version', async () => {
    await put('bronze/a.csv', Buffer.alloc(3 * RANGE_BYTES, 'old'));
    const replaced = Buffer.alloc(3 * RANGE_BYTES + 1, 'new');
    let replacing: Promise<unknown> | undefined;
    await using proxy = await intercepting((range) => {
      if (range.startsWith(`bytes=${RANGE_BYTES}-`)) replacing ??= put('bronze/a.csv', replaced);
      return replacing;
    });
    const path = await open({ endpoint: proxy.endpoint }).local('bronze/a.csv', scratch);
    expect(replacing).toBeDefined();
    expect((await readFile(path)).equals(replaced)).toBe(true);
  });
});

describe('local copies', () => {
  test('are fetched once per scratch folder, under their own names', async () => {
    await put('silver/a.parquet', 'one');
    const store = open();
    const paths = await Promise.all([1, 2, 3].map(() => store.local('silver/a.parquet', scratch)));
    await put('silver/a.parquet', 'two');
    paths.push(await store.local('silver/a.parquet', scratch));
    expect(new Set(paths).size).toBe(1);
    expect(await readdir(scratch)).toHaveLength(1);
    expect(await readFile(await store.local('silver/a.parquet', join(scratch, 'b')), 'utf8')).toBe(
      'two',
    );
  });

  test('stay within their budget; a removed scratch folder returns its bytes', async () => {
    await Promise.all(['a', 'b'].map((key) => put(key, Buffer.alloc(600))));
    const store = open({ scratchBytes: 1000 });
    const first = join(scratch, 'first');
    await store.local('a', first);
    const second = join(scratch, 'second');
    await expect(store.local('b', second)).rejects.toThrow(DiskFailed);
    expect(await readdir(second)).toEqual([]);
    await rm(first, { recursive: true });
    expect(await readFile(await store.local('b', second))).toHaveLength(600);
  });

  test('of an object that does not exist leave nothing, and may be requested again', async () => {
    const store = open();
    await expect(store.local('bronze/a.csv', scratch)).rejects.toThrow(ObjectMissing);
    expect(await readdir(scratch)).toEqual([]);
    await put('bronze/a.csv', '');
    expect(await readFile(await store.local('bronze/a.csv', scratch), 'utf8')).toBe('');
  });
});

describe('a service that fails', () => {
  const slow = { status: 503, code: 'SlowDown' };

  test('for a while is retried until it succeeds', async () => {
    await cloud.fail(
      (['GET', 'PUT', 'HEAD', 'DELETE'] as const).map((method) => ({
        method,
        match: `/${bucket}`,
        times: 2,
        ...slow,
      })),
    );
    const store = open();
    expect(await store.create('_ledger/1.json', bytes)).toBe(true);
    expect(await store.read('_ledger/1.json')).toHaveLength(bytes.length);
    expect(await store.head('_ledger/1.json')).toBeDefined();
    await store.remove('_ledger/1.json');
    expect(await keysOf(store)).toEqual([]);
    expect((await cloud.fail([])).map(({ times }) => times)).toEqual([0, 0, 0, 0]);
  });

  test('two conditional writes at once have no winner, so the write is repeated', async () => {
    const conflict = { status: 409, code: 'ConditionalRequestConflict' };
    await cloud.fail([{ method: 'PUT', match: '_ledger', times: 2, ...conflict }]);
    expect(await open().create('_ledger/1.json', bytes)).toBe(true);
    await cloud.fail([{ method: 'PUT', match: '_ledger', times: 2, ...conflict }]);
    expect(await open().create('_ledger/1.json', bytes)).toBe(false);
  });

  test('in the middle of a response is asked again', async () => {
    await put('a', Buffer.alloc(100_000, 'x'));
    let cuts = 0;
    await using proxy = await intercepting(() => (cuts++ < 2 ? 'cut' : undefined));
    expect(await open({ endpoint: proxy.endpoint }).read('a')).toHaveLength(100_000);
    expect(cuts).toBe(3);
  });

  test('permanently is a remote failure; a refusal is another error', async () => {
    const denied = { status: 403, code: 'AccessDenied' };
    await cloud.fail([{ method: 'PUT', match: 'b.csv', times: 99, ...denied }]);
    await expect(open().put('b.csv', bytes)).rejects.toThrow(RemoteRefused);
    await cloud.fail([
      { method: 'GET', match: 'b.csv', times: 9, status: 403, code: 'InvalidObjectState' },
    ]);
    await expect(open().local('b.csv', scratch)).rejects.toMatchObject({
      name: 'RemoteRefused',
      message: expect.stringContaining('b.csv'),
      hint: expect.stringContaining('archived'),
    });
    await expect(open({ endpoint: 'http://127.0.0.1:1' }).read('a')).rejects.toThrow(RemoteFailed);
    bucket = 'no-such-bucket';
    await expect(open().create('a', bytes)).rejects.toThrow(/NoSuchBucket/);
    await expect(keysOf(open())).rejects.toThrow(/NoSuchBucket/);
  });
});

/**
 * A client with a middleware that calls `meddle` with the range of each GET first; if it returns
 * `cut`, the response breaks off in the middle.
 */
async function intercepting(intercept: (range: string) => Promise<unknown> | 'cut' | undefined) {
  const server = createServer((request, response) => {
    void (async () => {
      const { method = '', headers, url = '' } = request;
      const intercepted = method === 'GET' ? intercept(headers.range ?? '') : undefined;
      if (intercepted !== 'cut') await intercepted;
      const { host: _, connection: __, ...passed } = headers;
      const reply = await fetch(cloud.endpoint + url, {
        method,
        headers: passed as Record<string, string>,
      });
      const body = Buffer.from(await reply.arrayBuffer());
      response.writeHead(reply.status, {
        ...Object.fromEntries(reply.headers),
        'content-length': body.length,
      });
      response.write(intercepted === 'cut' ? body.subarray(0, body.length / 2) : body);
      if (intercepted === 'cut') setTimeout(() => response.destroy(), 20);
      else response.end();
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
