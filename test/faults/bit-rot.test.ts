import { PGlite } from '@electric-sql/pglite';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { duckdbDiff } from '../../src/engines/duckdb/read/diff.ts';
import { duckdbEngine } from '../../src/engines/duckdb/engine.ts';
import type { Session } from '../../src/engines/duckdb/session.ts';
import { LedgerDamaged } from '../../src/errors.ts';
import { verify } from '../../src/lake/audit/verify.ts';
import type { StepDeps } from '../../src/state-machine/steps/deps.ts';
import { folderStore } from '../../src/stores/filesystem/filesystem.ts';
import { pgliteWarehouse } from '../../src/warehouses/pglite/warehouse.ts';
import { oracle } from '../oracle/index.ts';
import { type Expected, goldReader, violationsIn } from './invariants.ts';
import { filesOf } from './lake-copy.ts';
import { oracleInput } from './lake-history.ts';
import { STORY } from './story.ts';
import { tripwire } from './tripwire.ts';
import { openWorld, type Saved, type World } from './world.ts';

const EVERYWHERE = process.env['PURCHASES_TEST_FAULTS'] === 'all';
/** One bit in every so many bytes is flipped; `npm run test:faults` flips many more. */
const EVERY = EVERYWHERE ? 101 : 1_499;
vi.setConfig({ testTimeout: EVERYWHERE ? 5 * 3_600_000 : 240_000, hookTimeout: 120_000 });

const DUCKDB = { memoryLimit: '300MB', threads: 1 };
const engine = duckdbEngine(DUCKDB);
/**
 * The stage whose run meets the damage. Its rates differ, so that silver and quarantine are scanned
 * too.
 */
const NEXT = 2;

let db: PGlite;
let world: World;
let folder: string;
let reader: Session;
let start: Saved;
let deps: StepDeps;
let after: Expected;

beforeAll(async () => {
  db = await PGlite.create();
  await pgliteWarehouse(db, 'pglite in memory').migrate();
  world = await openWorld(db);
  folder = await mkdtemp(join(tmpdir(), 'bit-rot-'));
  reader = await goldReader(folder);
  let registry: ReadonlyMap<string, number> = new Map();
  for (const stage of STORY.slice(0, NEXT)) {
    await world.enter(stage);
    await world.live();
    registry = oracle(oracleInput(stage, registry)).registry;
  }
  // A checkpoint at 20, and commits after it.
  await world.commitUpTo(21);
  await world.live();
  start = await world.save();
  await world.enter(STORY[NEXT]!);
  after = { answer: oracle(oracleInput(STORY[NEXT]!, registry)), digest: undefined };
});
afterAll(async () => {
  await reader[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
  await db.close();
  await rm(folder, { recursive: true, force: true });
});

/** Positions of the flipped bits: the first and the last byte, and every so many between. */
function places(size: number): number[] {
  const between = Array.from({ length: Math.floor(size / EVERY) }, (_, step) => step * EVERY + 7);
  return [...new Set([0, ...between, size - 1])].filter((place) => place < size);
}

async function turnBit(key: string, place: number): Promise<void> {
  const path = join(world.root, key);
  const bytes = await readFile(path);
  bytes[place] = (bytes[place] ?? 0) ^ (1 << (place % 8));
  await writeFile(path, bytes);
}

/** Findings that concern the flipped bit itself, in a file that no run read. */
const OWN_DAMAGE = /^(every named file is intact|no file is torn under a final name)/;

/**
 * Runs over the damage. Returns the error message of a run that failed, or nothing if it succeeded
 * and the lake is correct.
 */
async function outcome(): Promise<string> {
  const run = world.live(tripwire(), (born) => {
    deps = born;
    return { engine };
  });
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof LedgerDamaged) return `refused: ${error.message}`;
  if (error !== undefined) return `failed otherwise: ${inspect(error)}`;
  const found = await violationsIn(world, reader, after);
  return found.filter((line) => !OWN_DAMAGE.test(line)).join('; ');
}

async function verified(): Promise<string[]> {
  const scratch = await mkdtemp(join(folder, 'verify-'));
  const work = {
    store: deps.store,
    scratch,
    signal: new AbortController().signal,
    onProgress: () => {},
  };
  const rebuildStore = folderStore(join(scratch, 'rebuild'));
  const diff = duckdbDiff(DUCKDB);
  const { findings } = await verify({
    ...deps,
    engine,
    diff,
    workspace: work,
    rebuildStore,
    limit: 100,
  });
  return findings.flatMap(({ key }) => key ?? []);
}

test('a flipped bit in any file of the ledger, silver, quarantine or gold is reported by verify or by the run that reads it; no run uses it', async () => {
  const files = [...(await filesOf(world.root))].filter(
    ([key, bytes]) => !key.startsWith('_runs/') && !bytes.includes('"attempt":"filler1'),
  );
  const wrong: string[] = [];
  const counts = { flipped: 0, reported: 0, missed: 0 };
  for (const [key, bytes] of files)
    for (const place of places(bytes.length)) {
      await world.restore(start);
      await turnBit(key, place);
      const ended = await outcome();
      counts.flipped += 1;
      counts[ended === '' ? 'missed' : 'reported'] += 1;
      if (ended !== '' && !(ended.startsWith('refused') && ended.includes(key)))
        wrong.push(`${key} at ${place}: ${ended}`);
      if (place > 0) continue;
      await world.restore(start);
      await turnBit(key, place);
      const named = await verified();
      if (!named.includes(key)) wrong.push(`verify does not name ${key}: ${named.join(', ')}`);
    }
  console.log(
    `${files.length} files, a bit of every ${EVERY} bytes: ${counts.flipped} flipped, ${counts.reported} reported by name, ${counts.missed} not read by the run`,
  );
  expect(wrong.join('\n')).toBe('');
});
