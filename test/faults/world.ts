import type { PGlite } from '@electric-sql/pglite';
import { mkdir, mkdtemp, realpath, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { duckdbEngine } from '../../src/engines/duckdb/engine.ts';
import { runKey } from '../../src/lake/layout.ts';
import { removeRunDocuments } from '../../src/lake/run/run-documents.ts';
import { publish, readLedger } from '../../src/lake/ledger/ledger.ts';
import type { Store } from '../../src/lake/ports/store.ts';
import { runLocally } from '../../src/state-machine/local-host.ts';
import { initialRunState, type RunState } from '../../src/state-machine/run-state.ts';
import type { StepDeps } from '../../src/state-machine/steps/deps.ts';
import { createSteps } from '../../src/state-machine/steps/index.ts';
import { folderStore } from '../../src/stores/filesystem/filesystem.ts';
import { pgliteWarehouse } from '../../src/warehouses/pglite/warehouse.ts';
import { watchedDatabase } from './database-effects.ts';
import { watchedEngine } from './engine-effects.ts';
import { watchingFiles } from './file-effects.ts';
import type { Stage } from './lake-history.ts';
import { dumpTables, emptyTables, restoreTables, type Tables } from './tables.ts';
import { copyOf, replaceBy } from './lake-copy.ts';
import { rememberingEngine } from './remembering-engine.ts';
import { Crash, tripwire, type Tripwire } from './tripwire.ts';

/** All state that outlives a process: a lake in a folder, and its database. */
export type World = AsyncDisposable & {
  readonly root: string;
  readonly store: Store;
  readonly db: PGlite;
  /** Sets bronze, rules and rates to those of the stage. */
  enter(stage: Stage): Promise<void>;
  /**
   * One process that runs the pipeline from its start to its end, or to its death (`Crash`).
   * Returns the work that it found.
   */
  live(wire?: Tripwire, change?: (deps: StepDeps) => Partial<StepDeps>): Promise<RunState['work']>;
  /** Commits that change nothing, until the ledger is at the seq. */
  commitUpTo(seq: number): Promise<void>;
  save(): Promise<Saved>;
  restore(saved: Saved): Promise<void>;
};

/** A snapshot of the world, without bronze, which no process changes. */
export type Saved = { folder: string; tables: Tables; lives: number };

const engine = rememberingEngine(duckdbEngine({ memoryLimit: '300MB', threads: 1 }));
const MAX_AGE_DAYS = 7;

/** An empty lake below the system's temporary folder, over a database whose tables are emptied. */
export async function openWorld(db: PGlite): Promise<World> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'faults-')));
  const root = join(folder, 'lake');
  const rates = join(folder, 'rates.csv');
  const store = folderStore(root);
  let stage: Stage = { objects: [], sources: [], rates: [], timeZone: 'UTC' };
  let lives = 0;
  let copies = 0;
  await mkdir(join(root, 'bronze'), { recursive: true });
  await emptyTables(db);

  return {
    root,
    store,
    db,
    async enter(next) {
      await writeRates(rates, next);
      const bronze = join(root, 'bronze');
      for (const { key } of stage.objects.filter((old) => !next.objects.includes(old)))
        await rm(join(bronze, key), { force: true });
      for (const object of next.objects.filter((one) => !stage.objects.includes(one)))
        await writeObject(join(bronze, object.key), object);
      stage = next;
    },
    async live(wire = tripwire(), change = () => ({})) {
      const life = ++lives;
      const born = depsOf({ root, rates, db, stage, life, wire });
      const deps = { ...born, ...change(born) };
      try {
        const work = await watchingFiles(root, wire, () => wholeRun(deps, `run${life}`, wire));
        // Some failures are ignored, such as those of clean-up: a death never is.
        if (wire.isDead) throw wire.signal.reason;
        return work;
      } catch (error) {
        throw wire.isDead ? wire.signal.reason : error;
      }
    },
    commitUpTo: (seq) => commitUpTo(store, seq),
    async save() {
      const copy = join(folder, `copy${++copies}`);
      await copyOf(root, copy);
      return { folder: copy, tables: await dumpTables(db), lives };
    },
    async restore(saved) {
      lives = saved.lives;
      await replaceBy(root, saved.folder);
      await restoreTables(db, saved.tables);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

type Birth = {
  root: string;
  rates: string;
  db: PGlite;
  stage: Stage;
  life: number;
  wire: Tripwire;
};

/** The dependencies of a process: everything new, except the folder and the database. */
function depsOf({ root, rates, db, stage, life, wire }: Birth): StepDeps {
  let ids = 0;
  const { timeZone, sources } = stage;
  const limits = { maxQuarantinedShare: 1, maxInflation: 200 };
  return {
    store: folderStore(root),
    engine: watchedEngine(engine, wire),
    warehouse: async () => pgliteWarehouse(watchedDatabase(db, wire), 'pglite in memory'),
    settings: {
      timeZone,
      firstCustomerId: 1_000_000_001,
      maxAgeDays: MAX_AGE_DAYS,
      limits,
      sources,
    },
    rates: { configured: { kind: 'file', path: rates }, packaged: '', maxAgeDays: MAX_AGE_DAYS },
    scratch: join(root, '_scratch'),
    clusterBytes: 2 ** 40,
    newId: () => `life${life}-${++ids}`,
    now: () => new Date(Date.parse('2026-04-10T00:00:00Z') + life * 60_000),
  };
}

/** The work of the command `run`, once it holds the lake. */
async function wholeRun(deps: StepDeps, runId: string, wire: Tripwire): Promise<RunState['work']> {
  await rm(deps.scratch, { recursive: true, force: true });
  const { output } = await runLocally({
    steps: createSteps(deps),
    input: initialRunState(runId, 'test'),
    signal: wire.signal,
    onEvent: () => {},
    now: () => 0,
    retryMs: 1,
  });
  await deps.store.put(runKey(runId, 'run'), Buffer.from('{}\n'));
  await removeRunDocuments(deps.store, runId);
  await rm(deps.scratch, { recursive: true, force: true });
  return output.work;
}

async function commitUpTo(store: Store, seq: number): Promise<void> {
  for (let ledger = await readLedger(store); ledger.seq < seq; ledger = await readLedger(store)) {
    const { lake, keys, gold, rates } = ledger;
    if (lake === null || rates === null) throw new Error('an empty ledger has no lake yet');
    await publish(store, ledger, {
      format: 1,
      seq: ledger.seq + 1,
      lake,
      attempt: `filler${ledger.seq + 1}`,
      run_id: 'filler',
      committed_at: '2026-04-10T00:00:00.000Z',
      previous: ledger.commit,
      rates,
      objects: { added: [], replaced: [], remade: [], removed: [] },
      files: [],
      keys,
      gold,
    });
  }
}

const writeRates = (path: string, { rates }: Stage): Promise<void> =>
  writeFile(
    path,
    ['currency,rate_date,rate_aud', ...rates.map((row) => Object.values(row).join(',')), ''].join(
      '\n',
    ),
  );

async function writeObject(
  path: string,
  { bytes, modified }: Stage['objects'][number],
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
  await utimes(path, modified, modified);
}

/** True if the process died as planned; any other error is a fault. */
export async function dies(life: Promise<unknown>): Promise<boolean> {
  try {
    await life;
    return false;
  } catch (error) {
    if (error instanceof Crash) return true;
    throw error;
  }
}
