import type { PGlite } from '@electric-sql/pglite';
import type { Session } from '../../src/engines/duckdb/session.ts';
import { LedgerDamaged } from '../../src/errors.ts';
import { seqOfKey } from '../../src/lake/layout.ts';
import type { StepDeps } from '../../src/state-machine/steps/deps.ts';
import { oracle } from '../oracle/index.ts';
import { type Expected, goldReader, untouched, violationsIn } from './invariants.ts';
import { killOnce, pointsFrom } from './kill-everywhere.ts';
import { oracleInput } from './lake-history.ts';
import { STORY } from './story.ts';
import { dumpTables, restoreTables } from './tables.ts';
import { tripwire } from './tripwire.ts';
import { openWorld, type World } from './world.ts';

/**
 * Plays one scenario of a failure and returns its violations, one line each, starting with the name
 * of the check.
 */
export type Scenario = (db: PGlite) => Promise<string[]>;

type Setup = { world: World; reader: Session; checked(stage: number): Promise<string[]> };

/** The expected results of the story's stages: the registry of keys grows from one to the next. */
function expectations(): Expected[] {
  let registry: ReadonlyMap<string, number> = new Map();
  return STORY.map((stage) => {
    const answer = oracle(oracleInput(stage, registry));
    registry = answer.registry;
    return { answer, digest: undefined };
  });
}

async function withSetup(db: PGlite, play: (setup: Setup) => Promise<string[]>): Promise<string[]> {
  const expected = expectations();
  await using world = await openWorld(db);
  await using reader = await goldReader(world.root);
  const checked = (stage: number): Promise<string[]> =>
    violationsIn(world, reader, expected[stage]!);
  try {
    return await play({ world, reader, checked });
  } catch (error) {
    return [`every run ends well: ${String(error)}`];
  }
}

async function run(world: World, stage: number): Promise<void> {
  await world.enter(STORY[stage]!);
  await world.live();
}

/** A run on another machine: it has its own scratch folder. */
async function runElsewhere(world: World, stage: number): Promise<void> {
  await world.enter(STORY[stage]!);
  await world.live(tripwire(), () => ({ scratch: `${world.root}-elsewhere` }));
}

/** Every stage, one run each, and one more run of each. */
const untroubled: Scenario = (db) =>
  withSetup(db, async ({ world, checked }) => {
    for (const stage of STORY.keys()) {
      await run(world, stage);
      const found = await checked(stage);
      const then = await untouched(world);
      await world.live();
      if ((await untouched(world)) !== then) found.push('a second run does nothing');
      if (found.length > 0) return found;
    }
    return [];
  });

/**
 * The second run is killed after it has published something, and while a file of silver or gold is
 * renamed, which takes time.
 */
const killed: Scenario = (db) =>
  withSetup(db, async ({ world, reader }) => {
    const [before, after] = expectations();
    await run(world, 0);
    await world.enter(STORY[1]!);
    const start = await world.save();
    const points = await pointsFrom(world, start);
    const published = /^COMMIT|^link _ledger/;
    const named = /^copy to (gold|silver)/;
    const tally = await killOnce(
      { seed: 0, world, reader, start, before, after: after!, points },
      (faults) =>
        faults.filter(({ at, when }) => {
          const { name } = points[at]!;
          return (
            (when === 'after' && published.test(name)) || (when === 'midway' && named.test(name))
          );
        }),
    );
    return tally.violations.flatMap(({ found, killed: where }) =>
      found.map((line) => `${line} (killed ${where.join()})`),
    );
  });

/** The next commit must write a checkpoint. */
const twentieth: Scenario = (db) =>
  withSetup(db, async ({ world, checked }) => {
    await run(world, 0);
    await world.commitUpTo(19);
    await run(world, 1);
    await run(world, 2);
    return checked(2);
  });

/** While one run is about to commit, another run starts, finishes and commits first. */
const race: Scenario = (db) =>
  withSetup(db, async ({ world, checked }) => {
    await run(world, 0);
    await world.enter(STORY[1]!);
    let others = 0;
    const inBetween = ({ store }: StepDeps): Partial<StepDeps> => ({
      store: {
        ...store,
        async create(key, content) {
          if (key.includes('/commits/') && others++ === 0) await runElsewhere(world, 3);
          return store.create(key, content);
        },
      },
    });
    await world.live(tripwire(), inBetween);
    return [...(await chained(world)), ...(await checked(3))];
  });

async function chained({ store }: World): Promise<string[]> {
  let last = 0;
  for await (const { key } of store.list('_ledger/commits/')) {
    if (seqOfKey(key) !== last + 1) return ['the ledger has every seq once'];
    last += 1;
  }
  return last === 2 ? [] : [`the ledger has every seq once: it ends at ${last}`];
}

/** A run that has read the table's seq, and not yet staged, while `meanwhile` happens. */
const asleep =
  (meanwhile: () => Promise<void>) =>
  ({ engine }: StepDeps): Partial<StepDeps> => {
    let times = 0;
    return {
      engine: {
        ...engine,
        async goldToStaging(workspace, before, after) {
          const staged = await engine.goldToStaging(workspace, before, after);
          if (times++ === 0) await meanwhile();
          return staged;
        },
      },
    };
  };

/** A run built its load, paused while another run advanced the table, and then stages it. */
const late: Scenario = (db) =>
  withSetup(db, async ({ world, checked }) => {
    await run(world, 0);
    await world.enter(STORY[1]!);
    await world.live(
      tripwire(),
      asleep(() => runElsewhere(world, 3)),
    );
    return checked(3);
  });

/**
 * A run built its load from the table's seq, and by the time it is staged the table has a later
 * one.
 */
const overtaken: Scenario = (db) =>
  withSetup(db, async ({ world, checked }) => {
    await run(world, 0);
    const first = await dumpTables(db);
    await run(world, 1);
    const second = await dumpTables(db);
    await world.enter(STORY[3]!);
    await restoreTables(db, first);
    await world.live(
      tripwire(),
      asleep(() => restoreTables(db, second)),
    );
    return checked(3);
  });

/** A loader whose task was retried appends its rows a second time. */
const twice: Scenario = (db) =>
  withSetup(db, async ({ world, checked }) => {
    await run(world, 0);
    await world.enter(STORY[1]!);
    await world.live(tripwire(), ({ warehouse }) => ({
      warehouse: async () => {
        const opened = await warehouse();
        return {
          ...opened,
          async stage(load, csv) {
            await opened.stage(load, csv);
            await db.query(APPEND_AGAIN, [load.loadId]);
          },
        };
      },
    }));
    return checked(1);
  });

const SIX =
  'customer_id, full_name, email, total_spent_aud, first_purchase_date, last_purchase_date, load_id, operation';
const APPEND_AGAIN = `INSERT INTO customer_purchase_summary_staging (${SIX}) SELECT ${SIX} FROM customer_purchase_summary_staging WHERE load_id = $1`;

/** A byte of a file changes on the disk: the next run must report that file by name. */
const rotten =
  (prefix: string, character: RegExp): Scenario =>
  (db) =>
    withSetup(db, async ({ world }) => {
      await run(world, 0);
      const keys: string[] = [];
      for await (const { key } of world.store.list(prefix)) keys.push(key);
      const key = keys.at(-1) ?? '';
      const text = Buffer.from((await world.store.read(key)) ?? []).toString('latin1');
      await world.store.put(key, Buffer.from(text.replace(character, '7'), 'latin1'));
      const error = await run(world, 1).catch((thrown: unknown) => thrown);
      const isNamed = error instanceof LedgerDamaged && error.message.includes(key);
      return isNamed ? [] : ['damage is named'];
    });

const rottenCommit = rotten('_ledger/commits/', /(?<="customers":\d*)\d(?=,"total")/);
const rottenSilver = rotten('silver/ingestion_date=2026-03-31/', /(?<=Ba)s(?=e)/);

export const SCENARIOS = {
  untroubled,
  killed,
  twentieth,
  race,
  late,
  overtaken,
  twice,
  rottenCommit,
  rottenSilver,
};
