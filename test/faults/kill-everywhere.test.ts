import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pgliteWarehouse } from '../../src/warehouses/pglite/warehouse.ts';
import {
  type Choice,
  killOnce,
  killTwice,
  openScene,
  type Scene,
  type Tally,
  type Violation,
} from './kill-everywhere.ts';
import { numbersOf } from './lake-history.ts';
import type { Fault, When } from './tripwire.ts';

/** `npm run test:faults` tests every point of 20 lakes, and every pair of points of one lake. */
const EVERYWHERE = process.env['PURCHASES_TEST_FAULTS'] === 'all';
const SEED = Number(process.env['PURCHASES_TEST_SEED'] ?? '1');
const SEEDS = Number(process.env['PURCHASES_TEST_FAULT_LAKES'] ?? (EVERYWHERE ? '20' : '4'));
const PAIR_SEEDS = Number(process.env['PURCHASES_TEST_FAULT_PAIR_LAKES'] ?? '1');
/** The kill, or pair of kills, to replay: `12 before` or `12 before, 30 after`. */
const REPLAYED = process.env['PURCHASES_TEST_FAULT'];
/** How many kills of a lake are tested if not all are. */
const A_FEW = Number(process.env['PURCHASES_TEST_FAULT_SAMPLE'] ?? '10');
const HOURS = 5 * 3_600_000;

let db: PGlite;
beforeAll(async () => {
  db = await PGlite.create();
  await pgliteWarehouse(db, 'pglite in memory').migrate();
});
afterAll(() => db.close());

/** A sample of the ways to die, drawn by the seed; all of them if requested. */
const drawn =
  (seed: number, some: number): Choice =>
  (faults) => {
    if (EVERYWHERE) return faults;
    const next = numbersOf(seed);
    return Array.from({ length: some }, () => faults[Math.floor(next() * faults.length)]!);
  };

function replayed(text: string): Fault[] {
  return text.split(',').map((one) => {
    const [at, when] = one.trim().split(' ');
    return { at: Number(at), when: (when ?? 'before') as When };
  });
}

async function overLakes(
  what: string,
  seeds: number,
  kill: (scene: Scene) => Promise<Tally>,
): Promise<Violation[]> {
  const all: Tally = { kills: 0, states: 0, violations: [] };
  let points = 0;
  for (let seed = SEED; seed < SEED + seeds; seed++) {
    await using scene = await openScene(db, seed);
    const { kills, states, violations } = await kill(scene);
    points += scene.points.length;
    all.kills += kills;
    all.states += states;
    all.violations.push(...violations);
    if (EVERYWHERE) console.log(`lake ${seed}: ${kills} ${what}, ${violations.length} violations`);
  }
  console.log(
    `${seeds} lakes from seed ${SEED} on, ${points} points: ${all.kills} ${what} left ${all.states} states, ${all.violations.length} violations`,
  );
  return all.violations;
}

const described = ({ seed, faults, killed, found }: Violation): string =>
  [
    `PURCHASES_TEST_SEED=${seed} PURCHASES_TEST_FAULT="${faults.map(({ at, when }) => `${at} ${when}`).join(', ')}" npx vitest run test/faults/kill-everywhere.test.ts`,
    `killed ${killed.join(', then ')}`,
    ...found,
  ].join('\n');

const firstFew = (violations: readonly Violation[]): string =>
  violations.slice(0, 5).map(described).join('\n\n');

test.skipIf(REPLAYED !== undefined)(
  'a run that is killed before, midway or after any of its effects leaves only what the next run finishes',
  async () => {
    const kills = await overLakes('kills', SEEDS, (scene) =>
      killOnce(scene, drawn(scene.seed, A_FEW)),
    );
    expect(firstFew(kills)).toBe('');
  },
  EVERYWHERE ? HOURS : 180_000,
);

test.skipIf(REPLAYED !== undefined)(
  'the same holds if the recovery is killed too',
  async () => {
    const kills = await overLakes('pairs of kills', PAIR_SEEDS, (scene) =>
      killTwice(scene, drawn(scene.seed, A_FEW / 2), drawn(scene.seed + 1, A_FEW / 5)),
    );
    expect(firstFew(kills)).toBe('');
  },
  EVERYWHERE ? HOURS : 180_000,
);

test.runIf(REPLAYED !== undefined)('a kill is replayed', async () => {
  const [first, second] = replayed(REPLAYED ?? '');
  await using scene = await openScene(db, SEED);
  const { violations } =
    second === undefined
      ? await killOnce(scene, () => [first!])
      : await killTwice(
          scene,
          () => [first!],
          () => [second],
        );
  expect(firstFew(violations)).toBe('');
});
