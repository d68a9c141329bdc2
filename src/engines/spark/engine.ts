import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { BronzeChanged } from '../../errors.ts';
import { BRONZE } from '../../lake/layout.ts';
import type {
  BronzeToSilverInput,
  Engine,
  GoldResult,
  BronzeResult,
  SilverToGoldInput,
  Workspace,
} from '../../lake/ports/engine.ts';
import type { DataFile, ObjectRecord } from '../../lake/ledger/records.ts';
import { storeFile, storeGold } from '../../lake/files/store-file.ts';
import { lookedUpOtherwise } from '../../medallion/rates.ts';
import { type Driver, type SparkOptions, startDriver } from './driver.ts';
import { loadSql } from './gold-sql.ts';
import { bronzeTask, goldTask, loadTask, ratesTask, SPARK_VERSION } from './tasks.ts';

/**
 * A part that Spark wrote into the scratch folder; `key` is its key in the lake before the digest
 * of its bytes is added.
 */
type Part = { path: string; key: string; rows: number };
type SparkGold = Omit<GoldResult, 'prefix' | 'files' | 'keys'> & {
  files: Part[];
  keys: Omit<GoldResult['keys'], 'file'> & { file: Part | null };
};

/**
 * The engine that applies the rules on Spark, by the same Python that the Glue jobs run, in a
 * driver process that starts with the first task.
 */
export function sparkEngine(options: SparkOptions): Engine {
  let starting: Promise<Driver> | undefined;
  const call = async <Result>(
    name: string,
    task: unknown,
    workspace: Workspace,
  ): Promise<Result> => {
    await mkdir(workspace.scratch, { recursive: true });
    starting ??= startDriver(options);
    try {
      return await (await starting).call<Result>(name, task, workspace);
    } catch (error) {
      if (workspace.signal.aborted) starting = undefined;
      throw error;
    }
  };
  return {
    name: SPARK_VERSION,
    bronzeToSilver: (workspace, task) => bronzeToSilver(call, workspace, task),
    silverToGold: (workspace, task) => silverToGold(call, workspace, task),
    async objectsWithStaleRates(workspace, files, rates) {
      const local = await places(workspace, [...files.silver, ...files.quarantine]);
      const task = ratesTask(
        { silver: files.silver.map(local), quarantine: files.quarantine.map(local) },
        rates,
        lookedUpOtherwise('lookups'),
      );
      return call('other_rates', task, workspace);
    },
    async goldToStaging(workspace, before, after) {
      const local = await places(
        workspace,
        [...(before ?? []), ...after].map(({ key }) => key),
      );
      const path = join(workspace.scratch, 'load.csv');
      const [from, to] = [before?.map(({ key }) => local(key)), after.map(({ key }) => local(key))];
      const task = { ...loadTask(loadSql(before !== null), from ?? null, to), path };
      const { rows } = await call<{ rows: number }>(
        'gold_to_csv',
        { ...task, output: workspace.scratch },
        workspace,
      );
      return { path, rows };
    },
    async close() {
      await (await starting?.catch(() => undefined))?.close();
      starting = undefined;
    },
  };
}

type Call = <Result>(name: string, task: unknown, workspace: Workspace) => Promise<Result>;

async function bronzeToSilver(
  call: Call,
  workspace: Workspace,
  task: BronzeToSilverInput,
): Promise<BronzeResult> {
  const bronze = await places(
    workspace,
    task.objects.filter(({ source }) => source !== null).map(({ key }) => BRONZE + key),
  );
  const paths = new Map(
    task.objects.map(({ key, source }) => [key, source === null ? '' : bronze(BRONZE + key)]),
  );
  const { objects, files } = await call<{ objects: ObjectRecord[]; files: Part[] }>(
    'bronze_to_silver',
    bronzeTask(SPARK_VERSION, task, paths, join(workspace.scratch, 'made')),
    workspace,
  );
  await unchanged(workspace, task);
  const stored = new Map<string, DataFile>();
  for (const part of files) stored.set(part.key, await storeFile(workspace, part));
  const storedKey = (key: string | null): string | null =>
    key === null ? null : (stored.get(key)?.key ?? null);
  workspace.onProgress({
    rows: objects.reduce((sum, { rows }) => sum + rows.read, 0),
    bytes: objects.reduce((sum, { size }) => sum + size, 0),
  });
  return {
    objects: objects.map((object) => ({
      ...object,
      silver: storedKey(object.silver),
      quarantine: storedKey(object.quarantine),
    })),
    files: [...stored.values()],
  };
}

async function silverToGold(
  call: Call,
  workspace: Workspace,
  task: SilverToGoldInput,
): Promise<GoldResult> {
  const { before, live, keys } = task;
  const silver = [...live, ...(before?.arrived ?? []), ...(before?.departed ?? [])];
  const local = await places(workspace, [
    ...silver.map((object) => object.silver),
    ...[...(before?.gold ?? []), ...keys.files, ...(keys.former ?? [])].map(({ key }) => key),
  ]);
  const result = await call<SparkGold>(
    'silver_to_gold',
    goldTask(task, local, join(workspace.scratch, 'made')),
    workspace,
  );
  const gold = await storeGold(workspace, task.goldPrefix, result.files);
  const file = result.keys.file === null ? null : await storeFile(workspace, result.keys.file);
  return { ...result, ...gold, keys: { ...result.keys, file } };
}

/** Local paths of objects of the lake. */
async function places(
  workspace: Workspace,
  keys: readonly string[],
): Promise<(key: string) => string> {
  const paths = new Map<string, string>();
  for (const key of new Set(keys))
    paths.set(key, await workspace.store.local(key, workspace.scratch));
  return (key) => paths.get(key) ?? '';
}

/**
 * Fails with `BronzeChanged` where an object was overwritten while it was read; the next try reads
 * it again.
 */
async function unchanged(workspace: Workspace, { objects }: BronzeToSilverInput): Promise<void> {
  for (const { key, etag, source } of objects) {
    if (source === null) continue;
    const now = await workspace.store.head(`${BRONZE}${key}`);
    if (now?.etag !== etag)
      throw new BronzeChanged(`${key} changed while it was read.`, {
        hint: 'The run plans again with what is there now.',
      });
  }
}
