import { PGlite } from '@electric-sql/pglite';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { pgliteWarehouse } from '../../src/warehouses/pglite/warehouse.ts';
import { bundleWith } from '../support/planting.ts';
import { PLANTED, type PlantedBug } from './planted-bugs.ts';
import type { SCENARIOS } from './scenarios.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NAMES = [
  'untroubled',
  'killed',
  'twentieth',
  'race',
  'late',
  'overtaken',
  'twice',
  'rottenCommit',
  'rottenSilver',
] as const;

let db: PGlite;
let folder: string;
beforeAll(async () => {
  db = await PGlite.create();
  await pgliteWarehouse(db, 'pglite in memory').migrate();
  folder = await mkdtemp(join(tmpdir(), 'planted-'));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(async () => {
  await db.close();
  await rm(folder, { recursive: true, force: true });
});

/**
 * Bundles the product with other text in some of its files, and the scenarios over it, as one
 * module next to the source tree.
 */
async function scenariosWith(edits: PlantedBug['edits'], name: string): Promise<typeof SCENARIOS> {
  const outfile = join(folder, name, 'scenarios.mjs');
  await mkdir(join(folder, name));
  await bundleWith(edits, 'test/faults/scenarios.ts', outfile);
  const module: { SCENARIOS: typeof SCENARIOS } = await import(pathToFileURL(outfile).href);
  return module.SCENARIOS;
}

test('without a planted bug no check finds anything', async () => {
  const scenarios = await scenariosWith([], 'none');
  for (const name of NAMES) expect([name, await scenarios[name](db)]).toEqual([name, []]);
});

test.each(PLANTED.map((planted, index) => ({ ...planted, index })))(
  '$bug: "$caught" detects it',
  async ({ edits, scenario, caught, index }) => {
    const scenarios = await scenariosWith(edits, `bug${index}`);
    const found = await scenarios[scenario](db);
    expect(
      found.filter((line) => line.startsWith(caught)),
      found.join('\n'),
    ).not.toEqual([]);
  },
);
