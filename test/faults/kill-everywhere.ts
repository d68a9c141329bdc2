import type { PGlite } from '@electric-sql/pglite';
import { readLedger } from '../../src/lake/ledger/ledger.ts';
import type { Session } from '../../src/engines/duckdb/session.ts';
import { oracle } from '../oracle/index.ts';
import { productLake } from '../properties/product.ts';
import {
  type Expected,
  goldReader,
  untouched,
  violationsAtDeath,
  violationsIn,
  worldDigest,
} from './invariants.ts';
import { type LakeHistory, lakeHistory, oracleInput, type Stage } from './lake-history.ts';
import { type Fault, faultsAt, type Point, tripwire } from './tripwire.ts';
import { dies, openWorld, type Saved, type World } from './world.ts';

/**
 * Violations after a kill or a pair of kills. `faults` are the points and moments that replay it.
 */
export type Violation = { seed: number; faults: Fault[]; killed: string[]; found: string[] };

export type Tally = {
  /**
   * Kills, or pairs of kills, that were checked. Kills that left the same lake and tables as others
   * were checked together with them.
   */
  kills: number;
  /** Distinct lakes and tables after a kill: each was recovered and checked. */
  states: number;
  violations: Violation[];
};

/** The ways to die that are tested; all by default. */
export type Choice = (faults: Fault[]) => Fault[];
const every: Choice = (faults) => faults;

/**
 * A lake at the start of the run that will be killed, and the expected state before and after it.
 */
export type Scene = {
  seed: number;
  world: World;
  reader: Session;
  start: Saved;
  before: Expected | undefined;
  after: Expected;
  /** The points at which the whole run can die. */
  points: readonly Point[];
};

/** Plays the seed's history up to its last run, and that run once to find its points. */
export async function openScene(db: PGlite, seed: number): Promise<Scene & AsyncDisposable> {
  const history = lakeHistory(seed);
  const world = await openWorld(db);
  const { before, registry } = await played(world, history);
  const last = history.stages.at(-1)!;
  await world.enter(last);
  const answer = oracle(oracleInput(last, registry));
  const after = { answer, digest: await rebuiltDigest(last, registry) };
  const start = await world.save();
  const points = await pointsFrom(world, start);
  const reader = await goldReader(world.root);
  return {
    seed,
    world,
    reader,
    start,
    before,
    after,
    points,
    async [Symbol.asyncDispose]() {
      await reader[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

/**
 * The points at which a run from this state can die. The engine's results of the first life are
 * cached, so that the second life has the points of all later ones.
 */
export async function pointsFrom(world: World, start: Saved): Promise<readonly Point[]> {
  await world.live();
  await world.restore(start);
  const whole = tripwire();
  await world.live(whole);
  return whole.points;
}

type Registry = ReadonlyMap<string, number>;

/** Runs every stage but the last. `before` is the table after them. */
async function played(
  world: World,
  { stages, behind, commitsBefore }: LakeHistory,
): Promise<{ before: Expected | undefined; registry: Registry }> {
  let registry: Registry = new Map();
  let before: Expected | undefined;
  for (const [index, stage] of stages.slice(0, -1).entries()) {
    const missed = behind && index > 0;
    await world.enter(stage);
    const run = world.live(tripwire(), () => (missed ? { warehouse: unreachable } : {}));
    if (missed) await run.catch(() => undefined);
    else await run;
    const answer = oracle(oracleInput(stage, registry));
    registry = answer.registry;
    if (!missed) before = { answer, digest: undefined };
  }
  if (before !== undefined) await world.commitUpTo(commitsBefore);
  return { before, registry };
}

const unreachable = (): never => {
  throw new Error('the serving database is not there');
};

/**
 * The content digest of gold when the stage's lake is rebuilt from bronze, the rules, the rates and
 * the registry alone.
 */
export async function rebuiltDigest(stage: Stage, registry: Registry): Promise<string | undefined> {
  await using rebuilt = await productLake(oracleInput(stage, registry));
  await rebuilt.run(stage.objects);
  return (await readLedger(rebuilt.store)).gold?.digest;
}

/**
 * One life from a state to the fault: the name of the effect, and the violations at the time of
 * death.
 */
async function killed(
  { world, before, after }: Scene,
  from: Saved,
  fault: Fault,
): Promise<{ name: string; found: string[] }> {
  await world.restore(from);
  const wire = tripwire(fault);
  const died = await dies(world.live(wire));
  const name = `${fault.when} ${wire.points[fault.at]?.name ?? `point ${fault.at}`}`;
  const found = await violationsAtDeath(world, before, after);
  return { name, found: died ? found : [...found, 'the process outlived its death'] };
}

/**
 * Runs a new process over the leftovers, checks the result, and runs once more, which must find
 * nothing to do.
 */
export async function recovered({ world, reader, after }: Scene): Promise<string[]> {
  try {
    await world.live();
    const found = await violationsIn(world, reader, after);
    const then = await untouched(world);
    const work = await world.live();
    if (work !== 'none' || (await untouched(world)) !== then)
      found.push(`a second run does nothing: it did ${work}`);
    return found;
  } catch (error) {
    return [`the next run recovers: ${String(error)}`];
  }
}

/** Kills the run before, midway and after each of its effects, one at a time. */
export async function killOnce(scene: Scene, chosen: Choice = every): Promise<Tally> {
  const { seed, world, start, points } = scene;
  const checker = newChecker(scene, true);
  const violations: Violation[] = [];
  const faults = chosen(faultsAt(points));
  for (const fault of faults) {
    const { name, found } = await killed(scene, start, fault);
    const all = [...found, ...(await checker.left())];
    if (all.length > 0) violations.push({ seed, faults: [fault], killed: [name], found: all });
  }
  await world.restore(start);
  return { kills: faults.length, states: checker.states(), violations };
}

/**
 * Kills the run at each of its effects, and its recovery at each of the recovery's. Kills that
 * leave the same state, abandoned temporary files aside, share one recovery.
 */
export async function killTwice(
  scene: Scene,
  chosen: Choice = every,
  chosenThen: Choice = every,
): Promise<Tally> {
  const { seed, world, start, points } = scene;
  const checker = newChecker(scene, false);
  const violations: Violation[] = [];
  const pairs = new Map<string, number>();
  let kills = 0;
  for (const first of chosen(faultsAt(points))) {
    const { name } = await killed(scene, start, first);
    const state = await worldDigest(world, false);
    if (!pairs.has(state)) {
      const between = await world.save();
      const recovery = tripwire();
      await world.live(recovery);
      const seconds = chosenThen(faultsAt(recovery.points));
      pairs.set(state, seconds.length);
      for (const second of seconds) {
        const again = await killed(scene, between, second);
        const found = [...again.found, ...(await checker.left())];
        if (found.length > 0)
          violations.push({ seed, faults: [first, second], killed: [name, again.name], found });
      }
    }
    kills += pairs.get(state) ?? 0;
  }
  await world.restore(start);
  return { kills, states: checker.states(), violations };
}

/** Recovers and checks the state after a kill; the same state is recovered only once. */
function newChecker(scene: Scene, unfinished: boolean) {
  const results = new Map<string, string[]>();
  return {
    async left(): Promise<string[]> {
      const state = await worldDigest(scene.world, unfinished);
      const known = results.get(state);
      if (known !== undefined) return known;
      const found = await recovered(scene);
      results.set(state, found);
      return found;
    },
    states: () => results.size,
  };
}
