import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { bundleWith } from '../support/planting.ts';
import { PLANTED, type PlantedBug } from './planted-bugs.ts';
import type * as Harness from './environment.ts';

vi.setConfig({ testTimeout: 900_000, hookTimeout: 60_000 });

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/**
 * The number of histories in which a fault must be detected. Faults that only Spark could have are
 * covered in test/spark/names.test.ts.
 */
const WITHIN = 30;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'planted-attacks-'));
  for (const name of ['node_modules', 'package.json', 'data', 'dist', 'glue'])
    await symlink(join(ROOT, name), join(folder, name));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/**
 * Bundles the product with other text in some of its files, and the histories over it, as one
 * module next to the source tree.
 */
async function harnessWith(edits: PlantedBug['edits'], name: string): Promise<typeof Harness> {
  const outfile = join(folder, name, 'environment.mjs');
  await mkdir(join(folder, name));
  await bundleWith(edits, 'test/attacks/environment.ts', outfile);
  return (await import(pathToFileURL(outfile).href)) as typeof Harness;
}

test.each(PLANTED.map((planted, index) => ({ ...planted, index })))(
  '$bug: $caught detects it',
  async ({ edits, seed, wish, caught, index }) => {
    const { newEnvironment, played } = await harnessWith(edits, `bug${index}`);
    await using environment = await newEnvironment();
    const all: string[] = [];
    for (let one = seed; one < seed + WITHIN && !all.some((line) => caught.test(line)); one++) {
      const { found } = await played(environment, one, wish);
      all.push(...found.map((line) => `${one}: ${line}`));
    }
    expect(
      all.filter((line) => caught.test(line)),
      all.join('\n'),
    ).not.toEqual([]);
    console.log(all.at(-1)?.slice(0, 300));
  },
);
