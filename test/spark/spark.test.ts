import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { differences } from '../law/compare.ts';
import { oneEngine, productLake } from '../law/product.ts';
import { seenByOracle, seenInLake } from '../law/seen.ts';
import { oracle, type OracleInput, randomLake } from '../oracle/index.ts';
import { type Cells, cellsOf, matrixOf } from './cells.ts';
import { BEGUN } from './histories.ts';
import { openSpark } from './session.ts';

const MINUTES = 60_000;
const SEED = Number(process.env['PURCHASES_TEST_SEED'] ?? '20260401');
/** How many random lakes of the same sources one run reads. */
const WIDTH = 20;

// One session for all: its start costs more than most statements.
const spark = openSpark();
afterAll(() => spark.close());

async function cellsByDuckdb(input: OracleInput): Promise<Cells> {
  await using lake = await productLake(input, oneEngine);
  await lake.run(input.objects);
  return await cellsOf(lake);
}

test('a cell that differs is told as engine x case', async () => {
  const [first] = BEGUN.objects;
  const other = { ...BEGUN, rates: BEGUN.rates.map((rate) => ({ ...rate, rate: '1.7' })) };
  const cells = new Map([
    ['duckdb', await cellsByDuckdb(BEGUN)],
    ['planted', await cellsByDuckdb(other)],
  ]);
  const told = matrixOf(cells);
  expect(Object.keys(told)).toContain(`planted x ${first?.key}`);
  expect(told[`planted x ${first?.key}`]).toContain('1.7');
  expect(Object.keys(told)).toContain('planted x gold');
});

test(
  `on Spark ${WIDTH} random lakes side by side mean what an independent reading of the specification says`,
  async () => {
    const lakes = fc.noBias(randomLake({ width: WIDTH }));
    const [input = BEGUN] = fc.sample(lakes, { seed: SEED, numRuns: 1 });
    await using lake = await productLake(input, spark);
    await lake.run(input.objects);
    expect(differences(seenByOracle(oracle(input)), await seenInLake(lake))).toEqual([]);
  },
  20 * MINUTES,
);
