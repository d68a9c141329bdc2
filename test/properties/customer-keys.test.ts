import fc from 'fast-check';
import { expect, test } from 'vitest';

import { CustomerIdsCollide } from '../../src/errors.ts';
import { readLedger } from '../../src/lake/ledger/ledger.ts';
import { handSource } from '../oracle/hand-lake.ts';
import { oracle, type OracleInput, type OracleObject } from '../oracle/index.ts';
import { differences } from './compare.ts';
import { NOON, plainLake } from './plain-lake.ts';
import { type ProductLake, productLake } from './product.ts';
import { type Seen, seenByOracle, seenInLake } from './snapshot.ts';

const HISTORIES = Number(process.env['PURCHASES_TEST_HISTORIES'] ?? '6');
const FIRST = 4;
const HEAD = 'customer,first_name,purchase_id,purchase_date,amount,currency';

/** An object names a customer, each by a number near the first one that a key gets, or by a key. */
type Sketch = { folder: 'ids' | 'lines' | 'keys'; slot: number; customers: number[]; step: number };

const sketch = fc.record({
  folder: fc.constantFrom('ids' as const, 'lines' as const, 'keys' as const, 'keys' as const),
  slot: fc.integer({ min: 1, max: 3 }),
  customers: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
  step: fc.integer({ min: 0, max: 2 }),
});

/**
 * Each step replaces the objects of the same key; `gone` names slots whose objects are removed
 * first.
 */
const histories = fc.record({
  steps: fc.array(
    fc.record({
      put: fc.array(sketch, { minLength: 1, maxLength: 3 }),
      gone: fc.subarray([1, 2, 3], { maxLength: 1 }),
    }),
    { minLength: 3, maxLength: 4 },
  ),
});

function objectOf({ folder, slot, customers, step }: Sketch, at: number): OracleObject {
  const rows = customers.map((number, index) => {
    const customer = folder === 'keys' ? `k${number}` : number;
    return `${customer},${folder}${number},p${slot}-${index},2026-03-1${step},${number}.50,AUD`;
  });
  return {
    key: `${folder}/2026-04-0${slot}/a.csv`,
    bytes: Buffer.from([HEAD, ...rows].join('\n')),
    modified: NOON + at,
  };
}

const fields = { last_name: null, email: null };
const ids = { ...fields, customer_id: 'customer' };
const LAKE: OracleInput = {
  ...plainLake([]),
  firstCustomerId: FIRST,
  sources: [
    handSource({ name: 'ids', match: 'ids/**', fields: ids }),
    handSource({ name: 'lines', match: 'lines/**', rows: 'lines', fields: ids }),
    handSource({ name: 'keys', match: 'keys/**', fields: { ...fields, customer_key: 'customer' } }),
  ],
};

/**
 * The state of a lake in one commit. Object counts are as of the commit that read them and are
 * compared in other tests.
 */
const asWhole = ({ objects: _, ...seen }: Seen): Seen => ({ ...seen, objects: new Map() });

async function differencesIn(lake: ProductLake, input: OracleInput): Promise<string[]> {
  return differences(asWhole(seenByOracle(oracle(input))), asWhole(await seenInLake(lake)));
}

const seqOf = async ({ store }: ProductLake): Promise<number> => (await readLedger(store)).seq;

/**
 * Runs over the objects of `input` and checks the invariants that the specification leaves open.
 * Returns the new registry, and whether rows collided.
 */
async function turn(lake: ProductLake, input: OracleInput) {
  const { collisions, registry } = oracle(input);
  if (collisions.length === 0) {
    await lake.run(input.objects);
    return {
      found: await differencesIn(lake, input),
      registry,
      retiredIds: input.retiredIds ?? [],
      collided: 0,
    };
  }
  const seq = await seqOf(lake);
  const failure = await lake.run(input.objects).catch((error: unknown) => error);
  const found = failure instanceof CustomerIdsCollide ? [] : [`not refused: ${String(failure)}`];
  if ((await seqOf(lake)) !== seq) found.push('committed all the same');
  await lake.run(input.objects, {}, 'colliding');
  const retiredIds = [...(input.retiredIds ?? []), ...input.registry.values()];
  const kept = new Map([...input.registry].filter(([, id]) => !collisions.includes(id)));
  const after = { ...input, registry: kept, retiredIds };
  found.push(...(await differencesIn(lake, after)));
  return { found, registry: oracle(after).registry, retiredIds, collided: 1 };
}

/** Integers by which gold would know an id and a key, or two keys. */
function sharedBy(input: OracleInput): string[] {
  const owners = new Map<string, Set<string>>();
  for (const { customer_id, customer_key } of oracle(input).versions) {
    const id = customer_id ?? '';
    owners.set(id, (owners.get(id) ?? new Set()).add(customer_key ?? 'an id'));
  }
  return [...owners].filter(([, who]) => who.size > 1).map(([id]) => id);
}

test(
  `in ${HISTORIES} random histories of adjacent ids and keys no two people are merged, and each run equals a rebuild`,
  async () => {
    let collisions = 0;
    await fc.assert(
      fc.asyncProperty(histories, async ({ steps }) => {
        await using lake = await productLake(LAKE);
        let held = new Map<string, OracleObject>();
        let input: OracleInput = LAKE;
        for (const [at, { put, gone }] of steps.entries()) {
          held = new Map(
            [...held].filter(([key]) => !gone.some((slot) => key.includes(`-0${slot}/`))),
          );
          for (const object of put.map((change) => objectOf(change, at)))
            held.set(object.key, object);
          const { found, collided, ...registry } = await turn(lake, {
            ...input,
            objects: [...held.values()],
          });
          input = { ...input, objects: [...held.values()], ...registry };
          collisions += collided;
          expect([...found, ...sharedBy(input)]).toEqual([]);
        }
      }),
      { numRuns: HISTORIES, seed: 20_260_401, endOnFailure: true },
    );
    expect(collisions).toBeGreaterThan(0);
  },
  60_000 + HISTORIES * 60_000,
);
