import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CustomerIdsCollide } from '../../src/errors.ts';
import { readLedger } from '../../src/lake/ledger/ledger.ts';
import type { Engine } from '../../src/lake/ports/engine.ts';
import { oracle, randomLake, type OracleInput, type OracleObject } from '../oracle/index.ts';
import { differences } from './compare.ts';
import { oneEngine, type ProductLake, productLake, streamingEngine } from './product.ts';
import { seenByOracle, seenInLake, type ObjectSeen, type Seen } from './snapshot.ts';

/** How many random lakes are compared; `npm run test:long` compares 10,000. */
const LAKES = Number(process.env['PURCHASES_TEST_LAKES'] ?? '60');
const SEED = Number(process.env['PURCHASES_TEST_SEED'] ?? '20260401');
/**
 * How many lakes of the same sources are read by one run. Nine tenths of the cost of a small lake
 * is the planning of statements, which they share, so `npm run test:wide` compares ten thousand in
 * a tenth of the time. They share customers, but not purchases.
 */
const WIDTH = Number(process.env['PURCHASES_TEST_WIDTH'] ?? '1');
const RUNS = Math.ceil(LAKES / WIDTH);
const MS_A_RUN = 3_000 + 300 * WIDTH;
const MOST_FAILURES = 5;
/** A long run logs its progress every so many lakes. */
const PROGRESS_EVERY = 100;

/**
 * A lake, and the content of bronze in earlier runs: numbers select the objects that existed, and
 * those that had other content.
 */
type History = { lake: OracleInput; earlier: number[] };

export const histories: fc.Arbitrary<History> = fc.record({
  lake: randomLake({ width: WIDTH }),
  earlier: fc.oneof(
    { weight: 2, arbitrary: fc.constant<number[]>([]) },
    { weight: 1, arbitrary: fc.array(fc.nat({ max: 3 }), { minLength: 3, maxLength: 12 }) },
  ),
});

/**
 * Earlier content of bronze: for each object nothing, itself, or the content of another object of
 * its source.
 */
function earlierObjects({ lake, earlier: retiredIds }: History): OracleObject[] {
  return lake.objects.flatMap((object, index) => {
    const choice = retiredIds[index % retiredIds.length] ?? 0;
    if (choice === 0) return [];
    if (choice < 3) return [object];
    const other = lake.objects.find(
      ({ key }) => key !== object.key && key.split('/')[0] === object.key.split('/')[0],
    );
    return other === undefined
      ? []
      : [{ ...object, bytes: other.bytes, modified: object.modified - 1 }];
  });
}

async function compared(history: History, engine: Engine): Promise<string[]> {
  const { lake } = history;
  await using product = await productLake(lake, engine);
  const before = history.earlier.length === 0 ? [] : earlierObjects(history);
  const first = oracle({ ...lake, objects: before });
  if (before.length > 0) await product.run(before);
  const second = oracle({
    ...lake,
    registry: before.length === 0 ? lake.registry : first.registry,
  });
  if (second.collisions.length > 0) return await renumbered(product, lake, first.registry);
  await product.run(lake.objects);
  const expected = seenByOracle(second);
  const kept = keptOf(before, lake.objects);
  return differences(
    { ...expected, objects: asOfTheirCommits(expected, seenByOracle(first), kept) },
    await seenInLake(product),
  );
}

/**
 * A row has a customer_id that the previous run assigned to a key: a run commits nothing, and one
 * that renumbers such keys builds a normal lake.
 */
async function renumbered(
  product: ProductLake,
  lake: OracleInput,
  registry: ReadonlyMap<string, number>,
): Promise<string[]> {
  const { seq } = await readLedger(product.store);
  await expect(product.run(lake.objects)).rejects.toThrow(CustomerIdsCollide);
  expect((await readLedger(product.store)).seq).toBe(seq);
  await product.run(lake.objects, {}, 'colliding');
  const { collisions } = oracle({ ...lake, registry: new Map(registry) });
  const kept = [...registry].filter(([, id]) => !collisions.includes(id));
  const retiredIds = [...registry.values()];
  const again = oracle({ ...lake, registry: new Map(kept), retiredIds });
  return differences(seenByOracle(again), await seenInLake(product));
}

const keptOf = (before: readonly OracleObject[], now: readonly OracleObject[]): Set<string> =>
  new Set(before.filter((object) => now.includes(object)).map(({ key }) => key));

/** An object that a run did not touch keeps the counts of the commit that read it. */
function asOfTheirCommits(
  now: Seen,
  then: Seen,
  kept: ReadonlySet<string>,
): Map<string, ObjectSeen> {
  return new Map(
    [...now.objects].map(([key, seen]) => [
      key,
      (kept.has(key) ? then.objects.get(key) : seen) ?? seen,
    ]),
  );
}

/** Lake number `seed`, the same on every machine. */
const historyOf = (seed: number): History =>
  fc.sample(fc.noBias(histories), { seed, numRuns: 1 })[0] ??
  expect.unreachable('one was asked for');

async function reportOf(seed: number): Promise<string> {
  const again = `PURCHASES_TEST_LAKES=${WIDTH} PURCHASES_TEST_WIDTH=${WIDTH} PURCHASES_TEST_SEED=${seed} npx vitest run test/properties/differential.test.ts`;
  const engine = seed % 2 === 0 ? oneEngine : streamingEngine;
  const lines = await compared(historyOf(seed), engine).catch((error: unknown) => [
    (error as Error).stack ?? '',
  ]);
  return lines.length === 0 ? '' : [`lake ${seed} (${again})`, ...lines].join('\n');
}

test(
  `${RUNS * WIDTH} random lakes, ${WIDTH} at a time, from seed ${SEED} on equal the oracle's result`,
  async () => {
    const failed: string[] = [];
    for (let run = 1; run <= RUNS && failed.length < MOST_FAILURES; run++) {
      const seed = SEED + run - 1;
      const text = await reportOf(seed);
      if (text !== '') failed.push(text);
      const lakes = run * WIDTH;
      if (lakes % PROGRESS_EVERY < WIDTH && lakes >= PROGRESS_EVERY)
        console.log(`${lakes} of ${LAKES} lakes, up to seed ${seed}: ${failed.length} differ`);
    }
    expect(failed.join('\n\n')).toBe('');
  },
  60_000 + RUNS * MS_A_RUN,
);
