import { Buffer } from 'node:buffer';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KeyRefused, ObjectMissing } from '../../errors.ts';
import type { ObjectInfo, Store } from './store.ts';

/**
 * A store on an empty location. `reopen` returns another store on the same location, as a second
 * process would open it.
 */
export type OpenedStore = { store: Store; reopen(): Store; close(): Promise<void> };

/**
 * Tests of the `Store` contract. An adapter's test passes a function that opens a store, and the
 * page size of the store's listing.
 */
export function storeConformance(
  name: string,
  open: () => Promise<OpenedStore>,
  page: number,
): void {
  describe(`${name} is a store`, () => {
    let opened: OpenedStore;
    let scratch: string;
    const context: Context = {
      page,
      store: () => opened.store,
      other: () => opened.reopen(),
      scratch: () => scratch,
    };

    beforeEach(async () => {
      opened = await open();
      scratch = await mkdtemp(join(tmpdir(), 'store-scratch-'));
    });
    afterEach(async () => {
      await opened.close();
      await rm(scratch, { recursive: true, force: true });
    });

    describe('writing', () => {
      writing(context);
    });
    describe('replacing', () => {
      replacing(context);
    });
    describe('listing', () => {
      listing(context);
    });
    describe('keys', () => {
      keys(context);
    });
  });
}

type Context = {
  page: number;
  store(): Store;
  other(): Store;
  scratch(): string;
};

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const shown = (content: Uint8Array | undefined): string | undefined =>
  content && Buffer.from(content).toString();

async function all(objects: AsyncIterable<ObjectInfo>): Promise<ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  for await (const object of objects) found.push(object);
  return found;
}

const keysOf = async (store: Store, prefix: string, after?: string): Promise<string[]> =>
  (await all(store.list(prefix, after === undefined ? {} : { after }))).map(({ key }) => key);

function writing({ store, other, scratch }: Context): void {
  test('a key has no object before it is written', async () => {
    expect(await store().head('a/b.csv')).toBeUndefined();
    expect(await store().read('a/b.csv')).toBeUndefined();
    expect(await keysOf(store(), '')).toEqual([]);
    await expect(store().local('a/b.csv', scratch())).rejects.toThrow(ObjectMissing);
  });

  test('a created object is returned by read, head and list', async () => {
    const before = Math.floor(Date.now() / 1000) - 1;
    expect(await store().create('_ledger/1.json', text('{"seq":1}'))).toBe(true);
    expect(shown(await other().read('_ledger/1.json'))).toBe('{"seq":1}');
    const info = await store().head('_ledger/1.json');
    expect(info).toMatchObject({ key: '_ledger/1.json', size: 9 });
    expect(Number.isInteger(info?.modified) && info!.modified >= before).toBe(true);
    expect(await all(store().list(''))).toEqual([info]);
  });

  test('a second create of a key returns false and keeps the first content', async () => {
    expect(await store().create('a', text('first'))).toBe(true);
    expect(await other().create('a', text('second'))).toBe(false);
    expect(shown(await store().read('a'))).toBe('first');
  });

  test('of 16 concurrent creators exactly one wins, and its content stays', async () => {
    const creators = Array.from({ length: 16 }, (_, at) => ({
      by: at % 2 === 0 ? store() : other(),
      content: `${at}`.repeat(5000),
    }));
    const won = await Promise.all(
      creators.map(({ by, content }) => by.create('_ledger/7.json', text(content))),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(shown(await store().read('_ledger/7.json'))).toBe(creators[won.indexOf(true)]?.content);
    expect(await keysOf(store(), '')).toEqual(['_ledger/7.json']);
  });

  test('a reader sees a whole object or none, never a part', async () => {
    const whole = 'x'.repeat(2_000_000);
    const sizes = new Set<number | undefined>();
    const writer = { busy: true };
    const written = (async () => {
      for (let at = 0; at < 5; at += 1) await store().put('big', text(whole));
      writer.busy = false;
    })();
    while (writer.busy) sizes.add((await other().read('big'))?.length);
    await written;
    sizes.add((await other().read('big'))?.length);
    sizes.delete(undefined);
    expect([...sizes]).toEqual([whole.length]);
  });

  test('an empty object is an object', async () => {
    expect(await store().create('empty.csv', text(''))).toBe(true);
    expect(await store().head('empty.csv')).toMatchObject({ size: 0 });
    expect(await store().read('empty.csv')).toHaveLength(0);
    expect(await keysOf(store(), '')).toEqual(['empty.csv']);
  });

  test('a large object is written from a file and read through a file; later changes of that file do not reach it', async () => {
    const file = join(scratch(), 'large');
    const content = Buffer.alloc(20_000_000, 'customer purchases ');
    await writeFile(file, content);
    expect(await store().create('silver/large.parquet', { file })).toBe(true);
    await store().put('silver/second.parquet', { file });
    await writeFile(file, 'changed afterwards');
    for (const key of ['silver/large.parquet', 'silver/second.parquet']) {
      expect((await store().head(key))?.size).toBe(content.length);
      expect((await readFile(await store().local(key, scratch()))).equals(content)).toBe(true);
    }
  });
}

function replacing({ store, other }: Context): void {
  test('put replaces the content and the etag', async () => {
    await store().put('a/b', text('old'));
    const before = await store().head('a/b');
    await store().put('a/b', text('new'));
    expect(shown(await other().read('a/b'))).toBe('new');
    expect((await store().head('a/b'))?.etag).not.toBe(before?.etag);
  });

  test('swap replaces an object only while it has the etag', async () => {
    await store().put('state', text('1'));
    const { etag } = (await store().head('state'))!;
    expect(await store().swap('state', text('2'), etag)).toBe(true);
    expect(await other().swap('state', text('3'), etag)).toBe(false);
    expect(shown(await store().read('state'))).toBe('2');
  });

  test('swap does not create a missing object', async () => {
    await store().put('state', text('1'));
    const { etag } = (await store().head('state'))!;
    await store().remove('state');
    expect(await store().swap('state', text('2'), etag)).toBe(false);
    expect(await store().head('state')).toBeUndefined();
  });

  test('an etag stays the same while the content does', async () => {
    await store().create('a', text('same'));
    const first = await store().head('a');
    await store().read('a');
    expect(await other().head('a')).toEqual(first);
  });

  test('a removed object can be created again, and removing a missing object is not an error', async () => {
    await store().create('a/b/c', text('1'));
    await store().remove('a/b/c');
    await store().remove('a/b/c');
    expect(await keysOf(store(), '')).toEqual([]);
    expect(await store().create('a/b/c', text('2'))).toBe(true);
    expect(shown(await store().read('a/b/c'))).toBe('2');
  });

  test('objects of one folder are created and removed concurrently without errors', async () => {
    const comeAndGo = async (by: Store, name: string): Promise<void> => {
      for (let round = 0; round < 40; round += 1) {
        expect(await by.create(`gold/day=1/${name}`, text(name))).toBe(true);
        await by.remove(`gold/day=1/${name}`);
      }
    };
    await Promise.all(['a', 'b', 'c'].map((name) => comeAndGo(other(), name)));
    expect(await keysOf(store(), 'gold/')).toEqual([]);
  });
}

// In byte order. JavaScript would put U+FFFD after the emoji, a folder walk `a/b` before `a-b`.
const ODD_KEYS = [
  'bronze/%41.csv',
  'bronze/a b.csv',
  'bronze/a%2Fb.csv',
  'bronze/a&b=c+d.csv',
  'bronze/a-b/x.csv',
  'bronze/a.csv',
  'bronze/a/\'quoted\' "twice".csv',
  'bronze/a/b/c/d/e.csv',
  'bronze/a0.csv',
  'bronze/year=2026/month=01/day=31/purchases.csv',
  'bronze/Übung.csv',
  'bronze/日本/購入.csv',
  'bronze/\uFFFD.csv',
  'bronze/🛒.csv',
].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

function listing({ store, scratch, page }: Context): void {
  test('keys are listed unchanged in UTF-8 byte order of the whole key', async () => {
    await Promise.all(ODD_KEYS.map((key) => store().create(key, text(key))));
    expect(await keysOf(store(), 'bronze/')).toEqual(ODD_KEYS);
    for (const key of ODD_KEYS) {
      expect(shown(await store().read(key))).toBe(key);
      expect(await readFile(await store().local(key, scratch()), 'utf8')).toBe(key);
    }
  });

  test('`after` skips the keys up to and including it, whether that key exists or not', async () => {
    await Promise.all(ODD_KEYS.map((key) => store().create(key, text(key))));
    for (const [at, key] of ODD_KEYS.entries()) {
      expect(await keysOf(store(), 'bronze/', key)).toEqual(ODD_KEYS.slice(at + 1));
    }
    const from = ODD_KEYS.indexOf('bronze/a/b/c/d/e.csv');
    expect(await keysOf(store(), 'bronze/', 'bronze/a/b')).toEqual(ODD_KEYS.slice(from));
    expect(await keysOf(store(), 'bronze/', 'bronze/zzzz\u{10ffff}')).toHaveLength(4);
    expect(await keysOf(store(), 'bronze/', 'c')).toEqual([]);
  });

  test('a prefix is text, not a folder', async () => {
    const written = ['silver/a=1/x', 'silver/a=10/x', 'silver/a=2/x', 'silverware'];
    await Promise.all(written.map((key) => store().create(key, text(key))));
    expect(await keysOf(store(), 'silver/a=1')).toEqual(['silver/a=1/x', 'silver/a=10/x']);
    expect(await keysOf(store(), 'silver')).toEqual(written);
    expect(await keysOf(store(), 'silver/a=1/')).toEqual(['silver/a=1/x']);
    expect(await keysOf(store(), 'silver/a=1/x')).toEqual(['silver/a=1/x']);
    expect(await keysOf(store(), 'silver/b')).toEqual([]);
    expect(await keysOf(store(), 'gold/')).toEqual([]);
  });

  test('a listing of more than one page is complete', async () => {
    const written = Array.from(
      { length: page + 10 },
      (_, at) => `bronze/${String(at).padStart(4, '0')}`,
    );
    for (let at = 0; at < written.length; at += 100) {
      await Promise.all(written.slice(at, at + 100).map((key) => store().put(key, text('x'))));
    }
    expect(await keysOf(store(), 'bronze/')).toEqual(written);
  });
}

function keys({ store, scratch }: Context): void {
  const unsafe = [
    '',
    '/etc/passwd',
    '../outside',
    'a/../../outside',
    'a//b',
    'a/',
    './a',
    'a\0b',
    'a\nb',
    'a\\b',
    '\ud800',
    'k/'.repeat(512) + 'k',
    'n'.repeat(256),
  ];

  test.each(unsafe)('the key %j is refused by every operation', async (key) => {
    const content = text('x');
    await expect(store().head(key)).rejects.toThrow(KeyRefused);
    await expect(store().read(key)).rejects.toThrow(KeyRefused);
    await expect(store().create(key, content)).rejects.toThrow(KeyRefused);
    await expect(store().put(key, content)).rejects.toThrow(KeyRefused);
    await expect(store().swap(key, content, 'etag')).rejects.toThrow(KeyRefused);
    await expect(store().remove(key)).rejects.toThrow(KeyRefused);
    await expect(store().local(key, scratch())).rejects.toThrow(KeyRefused);
    expect(await keysOf(store(), '')).toEqual([]);
  });

  test('a key of 1022 bytes with names of up to 255 bytes is accepted', async () => {
    const key = ['é'.repeat(127), 'b'.repeat(255), 'c'.repeat(255), 'd'.repeat(255)].join('/');
    expect(Buffer.byteLength(key)).toBe(1022);
    expect(await store().create(key, text('x'))).toBe(true);
    expect(await keysOf(store(), '')).toEqual([key]);
  });
}
