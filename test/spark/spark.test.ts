import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { engineConformance } from '../../src/lake/ports/engine.conformance.ts';
import type { Engine } from '../../src/lake/ports/engine.ts';
import { readLedger } from '../../src/lake/ledger/ledger.ts';
import { differences } from '../properties/compare.ts';
import { oneEngine, type ProductLake, productLake } from '../properties/product.ts';
import { seenByOracle, seenInLake } from '../properties/snapshot.ts';
import { oracle, type OracleInput, randomLake } from '../oracle/index.ts';
import { type Cells, cellsOf, matrixOf } from './cells.ts';
import { CORPUS } from './corpus.ts';
import { customerKeys } from './customer-keys.conformance.ts';
import { recordsOfErased } from './erased-rows.ts';
import { fastPathLines } from './fast-path.conformance.ts';
import { type FaultyScripts, faultyScripts } from './faulty-scripts.ts';
import { accounts, generatedLake } from './generated.ts';
import { BEGUN, CHANGES } from './histories.ts';
import { planSettings, plansIn, singleTasks } from './plans.ts';
import { eitherEngine, openSpark } from './session.ts';

const MINUTES = 60_000;
const SEED = Number(process.env['PURCHASES_TEST_SEED'] ?? '20260401');
/** How many random lakes of the same sources one run reads. */
const WIDTH = 20;
/** How many generated rows both engines read. */
const ROWS = Number(process.env['PURCHASES_TEST_SPARK_ROWS'] ?? '20000');

let plans: string;
let scripts: FaultyScripts;
let spark: Engine;

// One session for all: its start costs more than most statements.
beforeAll(async () => {
  plans = await mkdtemp(join(tmpdir(), 'spark-plans-'));
  scripts = await faultyScripts();
  spark = openSpark(scripts.folder, planSettings(plans));
});
afterAll(async () => {
  await spark.close();
  await scripts[Symbol.asyncDispose]();
  await rm(plans, { recursive: true });
});

async function cellsBy(engine: Engine, input: OracleInput): Promise<Cells> {
  await using lake = await productLake(input, engine);
  await lake.run(input.objects);
  return await cellsOf(lake);
}

test(
  "the nasty corpus is the same in every cell on both engines, and equals the oracle's result",
  async () => {
    await using onSpark = await productLake(CORPUS, spark);
    await onSpark.run(CORPUS.objects);
    const duckdb = await cellsBy(oneEngine, CORPUS);
    expect(
      matrixOf(
        new Map([
          ['duckdb', duckdb],
          ['spark', await cellsOf(onSpark)],
        ]),
      ),
    ).toEqual({});
    const differing = differences(seenByOracle(oracle(CORPUS)), await seenInLake(onSpark));
    expect(differing.map((line) => line.slice(0, 500))).toEqual([]);
  },
  20 * MINUTES,
);

test(
  'erased rows count alike on both engines, in the share too, and no name of a file without a header is shown',
  async () => {
    await using lake = await productLake(BEGUN);
    const records = await recordsOfErased(oneEngine, lake);
    expect(await recordsOfErased(spark, lake)).toEqual(records);
    const seen = records.map(({ key, rows: { read, erased }, refused }) => [
      key.slice(11),
      read,
      erased ?? 0,
      refused?.reason ?? '',
    ]);
    expect(seen).toEqual([
      ['beyond.csv', 5, 3, 'too_many_refused'],
      ['blank.jsonl', 1, 1, ''],
      ['drift.csv', 8, 7, 'too_many_refused'],
      ['empty.csv', 2, 2, ''],
      ['headless.csv', 0, 0, 'schema_mismatch'],
      ['other.csv', 1, 0, ''],
      ['within.csv', 5, 3, ''],
    ]);
    expect(JSON.stringify(records)).not.toContain('Wilhelmina');
  },
  20 * MINUTES,
);

test('a cell that differs is reported as engine x case', async () => {
  const [first] = BEGUN.objects;
  const other = { ...BEGUN, rates: BEGUN.rates.map((rate) => ({ ...rate, rate: '1.7' })) };
  const cells = new Map([
    ['duckdb', await cellsBy(oneEngine, BEGUN)],
    ['planted', await cellsBy(oneEngine, other)],
  ]);
  const matrix = matrixOf(cells);
  expect(Object.keys(matrix)).toContain(`planted x ${first?.key}`);
  expect(matrix[`planted x ${first?.key}`]).toContain('1.7');
  expect(Object.keys(matrix)).toContain('planted x gold');
});

test(
  `${WIDTH} random lakes in one run equal the oracle's result`,
  async () => {
    const lakes = fc.noBias(randomLake({ width: WIDTH }));
    const [input = BEGUN] = fc.sample(lakes, { seed: SEED, numRuns: 1 });
    await using lake = await productLake(input, spark);
    await lake.run(input.objects);
    const differing = differences(seenByOracle(oracle(input)), await seenInLake(lake));
    expect(differing).toEqual([]);
    expect(
      matrixOf(
        new Map([
          ['duckdb', await cellsBy(oneEngine, input)],
          ['spark', await cellsOf(lake)],
        ]),
      ),
    ).toEqual({});
  },
  20 * MINUTES,
);

async function history(lake: ProductLake, turn: (at: number) => void): Promise<Cells[]> {
  const cells: Cells[] = [];
  for (const [at, { objects, changed }] of CHANGES.entries()) {
    turn(at);
    await lake.run(objects, changed);
    cells.push(await cellsOf(lake));
  }
  return cells;
}

test.for([
  { begins: 'Spark', odd: 0 },
  { begins: 'DuckDB', odd: 1 },
])(
  'a lake that $begins begins is continued by the other, run by run, as one engine alone would, and neither remakes what the other made',
  { timeout: 20 * MINUTES },
  async ({ odd }) => {
    await using alone = await productLake(BEGUN, oneEngine);
    const expected = await history(alone, () => undefined);
    const either = eitherEngine(spark);
    await using lake = await productLake(BEGUN, either);
    const turn = (at: number): void => either.use(at % 2 === odd ? spark : oneEngine);
    const found = await history(lake, turn);
    CHANGES.forEach(({ what }, at) => {
      const cells = new Map([
        ['alone', expected[at] ?? new Map()],
        [what, found[at] ?? new Map()],
      ]);
      expect(matrixOf(cells)).toEqual({});
    });
    const { seq } = await readLedger(lake.store);
    turn(CHANGES.length);
    await lake.run(CHANGES.at(-1)?.objects ?? []);
    expect((await readLedger(lake.store)).seq).toBe(seq);
  },
);

engineConformance('Spark', () => spark);
fastPathLines(() => spark);
customerKeys(() => spark);

test(
  `${ROWS} generated rows produce the same gold and the same counts by reason, and so does one more file that the other engine reads`,
  async () => {
    const { more, ...input } = await generatedLake(ROWS);
    const engines = [eitherEngine(oneEngine), eitherEngine(spark)] as const;
    await using first = await productLake(input, engines[0]);
    await using second = await productLake(input, engines[1]);
    const lakes = [first, second];
    for (const lake of lakes) await lake.run(input.objects);
    const [duckdbs, sparks] = await Promise.all(lakes.map(accounts));
    expect(sparks).toEqual(duckdbs);
    engines[0].use(spark);
    engines[1].use(oneEngine);
    for (const lake of lakes) await lake.run([...input.objects, more]);
    const [continuedBySpark, continuedByDuckdb] = await Promise.all(lakes.map(accounts));
    expect(continuedBySpark).toEqual(continuedByDuckdb);
    expect(continuedBySpark).not.toEqual(duckdbs);
  },
  40 * MINUTES,
);

test(
  'a task that fails after its last row is retried, and leaves neither a duplicate row nor a file that no commit names',
  async () => {
    await using lake = await productLake(BEGUN, spark);
    await scripts.failing(true);
    try {
      await lake.run(BEGUN.objects);
    } finally {
      await scripts.failing(false);
    }
    expect(
      matrixOf(
        new Map([
          ['duckdb', await cellsBy(oneEngine, BEGUN)],
          ['spark', await cellsOf(lake)],
        ]),
      ),
    ).toEqual({});
    const named = new Set((await readLedger(lake.store)).files.keys());
    const files: string[] = [];
    for (const layer of ['silver/', 'quarantine/'])
      for await (const { key } of lake.store.list(layer)) files.push(key);
    expect(files.filter((key) => !named.has(key))).toEqual([]);
    expect(files.length).toBeGreaterThan(0);
  },
  20 * MINUTES,
);

test('no statement leaves the rows to one task, and none returns more to the driver than its counts', async () => {
  const all = await plansIn(plans);
  expect(all.length).toBeGreaterThan(20);
  // The statements for many lines ran as well: only they expand rows from lists of lines and marks.
  expect(all.some(({ text }) => /Arguments: inline\(/.test(text))).toBe(true);
  expect(all.flatMap(singleTasks)).toEqual([]);
});
