import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { customerFacts } from '../../src/engines/duckdb/read/explain.ts';
import { duckdbPersonSearch } from '../../src/engines/duckdb/read/person-search.ts';
import type { EraseLake } from '../../src/lake/erase/erase-lake.ts';
import { type Certificate, erase } from '../../src/lake/erase/erase.ts';
import { readLedger } from '../../src/lake/ledger/ledger.ts';
import type { Store } from '../../src/lake/ports/store.ts';
import { upToCommit } from '../../src/state-machine/up-to-commit.ts';
import { layersOf } from '../support/layers.ts';
import { remains } from '../support/remains.ts';
import { csv, emptied, memoryWarehouse, type TinyLake, tinyLake } from '../support/tiny-lake.ts';

vi.setConfig({
  testTimeout: process.env['PURCHASES_TEST_ERASURES'] === 'all' ? 3_600_000 : 240_000,
  hookTimeout: 120_000,
});

const ID = 7_711_042;
const WORDS = [String(ID), 'Zebulon'];
const OBJECTS = ['2026-01-01/a.csv', '2026-01-02/b.csv'];
const DUCKDB = { memoryLimit: '500MB', threads: 1 };
const KEY = 'ab'.repeat(32);
/**
 * Each point costs seconds, so each day tests another few; PURCHASES_TEST_ERASURES=all tests every
 * point.
 */
const step = process.env['PURCHASES_TEST_ERASURES'] === 'all' ? 1 : 8;
const seed = Math.floor(Date.now() / 86_400_000);

let table: Awaited<ReturnType<typeof memoryWarehouse>>;
let base: TinyLake;

beforeAll(async () => {
  table = await memoryWarehouse();
  base = await tinyLake(table.warehouse);
  await base.run({
    '2026-01-01/a.csv': csv(`${ID},Zebulon,p1,2026-01-01,10.00`, '2,Ann,p2,2026-01-01,5.00'),
    // In one silver file with the rows above, which must not keep them there.
    '2026-01-01/c.csv': csv('3,Cleo,p5,2026-01-01,7.00'),
  });
  await base.run({
    '2026-01-02/b.csv': csv('2,Ann,p3,2026-01-02,1.00', `${ID},Zebulon,p4,x,2.00`),
  });
});
afterAll(async () => {
  await base[Symbol.asyncDispose]();
  await table.warehouse.close();
});

class Killed extends Error {}

/** A store whose process dies at its n-th effect, before or after it; every later call fails. */
function mortal(store: Store, at: number, after: boolean): Store & { effects(): number } {
  let count = 0;
  const effect = async <T>(work: () => Promise<T>): Promise<T> => {
    count += 1;
    if (count > at || (count === at && !after)) throw new Killed();
    const answer = await work();
    if (count === at) throw new Killed();
    return answer;
  };
  return {
    ...store,
    create: (key, content) => effect(() => store.create(key, content)),
    put: (key, content, options) => effect(() => store.put(key, content, options)),
    remove: (key) => effect(() => store.remove(key)),
    effects: () => count,
  };
}

function eraseLake(lake: TinyLake, store: Store): EraseLake {
  const deps = { ...lake.deps, store, personSearch: duckdbPersonSearch(DUCKDB) };
  const work = { ...lake.workspace, store };
  return {
    ...deps,
    workspace: work,
    customerIndex: lake.customerIndex,
    diff: lake.diff,
    facts: (question) => customerFacts(work, question, '500MB'),
    upToCommit: async (remake = []) =>
      void (await upToCommit({ ...deps, remake: new Set(remake) }, deps.newId(), work.signal)),
    newKey: () => KEY,
  };
}

const eraseFrom = (lake: TinyLake, store: Store): Promise<Certificate | undefined> =>
  erase(eraseLake(lake, store), { kind: 'id', id: ID });

async function effectsOfAll(): Promise<number> {
  await using lake = await tinyLake(table.warehouse, base);
  const store = mortal(lake.deps.store, Infinity, false);
  await eraseFrom(lake, store);
  return store.effects();
}

// The last effect of all completes the work: the next process has nothing to report.
test('an erasure that is killed at any effect is finished by the next, and a run in between keeps gold correct', async () => {
  const effects = await effectsOfAll();
  const gold = [
    '["2","Ann",null,"6.00","2026-01-01","2026-01-02","2"]',
    '["3","Cleo",null,"7.00","2026-01-01","2026-01-01","1"]',
  ];
  console.log(`${effects} effects, each ${step}th, from ${1 + (seed % step)}`);
  expect(effects).toBeGreaterThan(20);
  for (let at = 1 + (seed % step); at <= effects; at += step) {
    await using lake = await tinyLake(table.warehouse, base);
    await emptied(table.db);
    await eraseFrom(lake, mortal(lake.deps.store, at, at % 2 === 0)).catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error;
    });
    if (at % 3 === 0) await lake.run({}, { personSearch: duckdbPersonSearch(DUCKDB) });
    const certificate = await eraseFrom(lake, lake.deps.store);
    expect({ at, remains: await remains(lake.root, WORDS) }).toEqual({ at, remains: [] });
    expect((await layersOf(lake.deps.store)).gold).toEqual(gold);
    const { commit } = await readLedger(lake.deps.store);
    expect((await table.warehouse.state()).sync?.commit).toBe(commit);
    const reported = certificate?.objects.map(({ object }) => object) ?? OBJECTS;
    expect({ at, reported }).toEqual({ at, reported: OBJECTS });
    expect(await readFile(join(lake.root, 'bronze/2026-01-01/a.csv'), 'utf8')).toBe(
      csv('2,Ann,p2,2026-01-01,5.00'),
    );
  }
});
