import { PGlite } from '@electric-sql/pglite';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../src/engines/duckdb/session.ts';
import { pgliteWarehouse } from '../../src/warehouses/pglite/warehouse.ts';
import { oracle } from '../oracle/index.ts';
import { goldReader, violationsIn } from './invariants.ts';
import { rebuiltDigest } from './kill-everywhere.ts';
import { longHistory, oracleInput } from './lake-history.ts';
import { tripwire } from './tripwire.ts';
import { dies, openWorld } from './world.ts';

/** How many histories are played; `npm run test:faults` plays 1,000. */
const HISTORIES = Number(
  process.env['PURCHASES_TEST_HISTORIES'] ??
    (process.env['PURCHASES_TEST_FAULTS'] === 'all' ? '1000' : '4'),
);
const SEED = Number(process.env['PURCHASES_TEST_SEED'] ?? '1');
const MS_A_HISTORY = 30_000;
const MOST_FAILURES = 5;
const TOLD_EVERY = 50;

let db: PGlite;
let folder: string;
let reader: Session;
beforeAll(async () => {
  db = await PGlite.create();
  await pgliteWarehouse(db, 'pglite in memory').migrate();
  folder = await mkdtemp(join(tmpdir(), 'histories-'));
  reader = await goldReader(folder);
});
afterAll(async () => {
  await reader[Symbol.asyncDispose]();
  await db.close();
  await rm(folder, { recursive: true, force: true });
});

type Counts = { histories: number; runs: number; kills: number };

/**
 * Plays the seed's history. Checks the lake and the table after each run, and gold's digest against
 * a rebuild's after the last. Returns the first violations.
 */
async function played(seed: number, counts: Counts): Promise<string[]> {
  const { stages, kills } = longHistory(seed);
  await using world = await openWorld(db);
  let registry: ReadonlyMap<string, number> = new Map();
  for (const [index, stage] of stages.entries()) {
    await world.enter(stage);
    const answer = oracle(oracleInput(stage, registry));
    if (kills[index] !== undefined && (await dies(world.live(tripwire(kills[index])))))
      counts.kills += 1;
    await world.live();
    counts.runs += 1;
    const isLast = index === stages.length - 1;
    const digest = isLast ? await rebuiltDigest(stage, registry) : undefined;
    const found = await violationsIn(world, reader, { answer, digest });
    if (found.length > 0) return found.map((line) => `run ${index + 1}: ${line}`);
    registry = answer.registry;
  }
  return [];
}

const replay = (seed: number): string =>
  `PURCHASES_TEST_SEED=${seed} PURCHASES_TEST_HISTORIES=1 npx vitest run test/faults/histories.test.ts`;

test(
  'after any history of changes and crashes gold, built increment by increment, has the digest of a rebuild',
  async () => {
    const counts: Counts = { histories: 0, runs: 0, kills: 0 };
    const wrong: string[] = [];
    for (let seed = SEED; seed < SEED + HISTORIES && wrong.length < MOST_FAILURES; seed++) {
      const found = await played(seed, counts).catch((error: unknown) => [String(error)]);
      if (found.length > 0) wrong.push([replay(seed), ...found].join('\n'));
      counts.histories += 1;
      if (counts.histories % TOLD_EVERY === 0 || counts.histories === HISTORIES)
        console.log(
          `${counts.histories} histories from seed ${SEED} on, ${counts.runs} runs, ${counts.kills} kills: ${wrong.length} wrong`,
        );
    }
    expect(wrong.join('\n\n')).toBe('');
  },
  HISTORIES * MS_A_HISTORY,
);
