import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { folderStore } from '../../stores/filesystem/filesystem.ts';
import { runScheduler, changeDetector, settledOnly, type Snapshot } from './watching.ts';

const SETTLE = 2_000;

/** A lake in a folder, with a clock that the test sets. */
async function watched() {
  const root = await mkdtemp(join(tmpdir(), 'watching-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const store = folderStore(root);
  const look = changeDetector(store, SETTLE);
  const runs = runScheduler(SETTLE);
  const write = async (key: string, text: string): Promise<void> => {
    const path = join(root, 'bronze', key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  };
  /** Takes a snapshot and runs where a run is due; returns the keys that the run saw. */
  const tick = async (second: number): Promise<string[] | undefined> => {
    const snapshot = await look(second * 1000);
    if (!runs.isDue(snapshot)) return undefined;
    runs.ran(snapshot);
    return seenBy(snapshot);
  };
  const seenBy = async (snapshot: Snapshot): Promise<string[]> => {
    const keys: string[] = [];
    for await (const { key } of settledOnly(store, snapshot).list('bronze/'))
      keys.push(key.slice(7));
    return keys;
  };
  return { root, write, tick };
}

test('files that arrive one after the other are one run, once nothing has changed for the settle time', async () => {
  const { write, tick } = await watched();
  await write('a.csv', '1');
  expect(await tick(0)).toBeUndefined();
  await write('b.csv', '1');
  expect(await tick(1)).toBeUndefined();
  expect(await tick(2)).toBeUndefined();
  expect(await tick(3)).toEqual(['a.csv', 'b.csv']);
  expect(await tick(4)).toBeUndefined();
});

test('a growing file is not read until it settles, and delays the others for a limited time only', async () => {
  const { write, tick } = await watched();
  await write('whole.csv', '1');
  const runs: (readonly [number, string[]])[] = [];
  for (let second = 0; second < 30; second++) {
    if (second < 20) await write('grows.csv', 'x'.repeat(second + 1));
    const seen = await tick(second);
    if (seen !== undefined) runs.push([second, seen]);
  }
  expect(runs).toEqual([
    [15, ['whole.csv']],
    [21, ['grows.csv', 'whole.csv']],
  ]);
});

test('a removed file starts a run, and so does a rewritten one', async () => {
  const { root, write, tick } = await watched();
  await write('a.csv', '1');
  await write('b.csv', '1');
  await tick(0);
  await tick(2);
  await rm(join(root, 'bronze/a.csv'));
  expect(await tick(3)).toBeUndefined();
  expect(await tick(5)).toEqual(['b.csv']);
  await write('b.csv', '2');
  expect(await tick(6)).toBeUndefined();
  expect(await tick(8)).toEqual(['b.csv']);
});

test('files with names that no run reads neither delay nor start a run', async () => {
  const { write, tick } = await watched();
  await tick(0);
  await tick(2);
  await write('a.csv.part', '1');
  await write('.b.csv', '1');
  expect([await tick(3), await tick(6)]).toEqual([undefined, undefined]);
});
