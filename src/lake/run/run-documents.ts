import { BronzeChanged } from '../../errors.ts';
import type { UpsertResult } from '../ports/warehouse.ts';
import type { Load } from '../ports/warehouse.ts';
import type { GoldChanges, GoldResult, BronzeResult } from '../ports/engine.ts';
import type { PlannedObject } from './plan.ts';
import type { LostFile } from './lost-files.ts';
import { changesPrefix, runKey } from '../layout.ts';
import type { Skipped, Store } from '../ports/store.ts';
import type { GoldRecord, RatesRecord } from '../ledger/records.ts';

/**
 * What Plan found. The states hand on keys of documents, since a payload between states is limited
 * to 262,144 bytes.
 */
export type PlanDocument = {
  attempt: string;
  seq: number;
  make: PlannedObject[];
  removed: string[];
  unchanged: number;
  ignored: string[];
  /** Absent in what an earlier version wrote. */
  skipped?: Skipped[];
  rates: RatesRecord;
  /**
   * Files that are made again; gold may not be made on top of them, so that all of it is made from
   * silver.
   */
  lost?: LostFile[];
};

/**
 * What BronzeToSilver wrote; `changed` where a job, which cannot fail by name, found that an object
 * is another by now.
 */
export type BronzeDocument = BronzeResult & { changed?: string };

/** What SilverToGold wrote; `gold` is null where no object is live. */
export type GoldDocument = {
  gold: GoldRecord | null;
  fates: GoldResult['fates'];
  keys: GoldResult['keys'];
  changes?: GoldChanges;
};

/** What each state leaves in the store for the next. */
export type RunDocuments = {
  plan: PlanDocument;
  made: BronzeDocument;
  gold: GoldDocument;
  load: Load;
  upsert: UpsertResult & { customers: number };
};

export async function writeDocument<Name extends keyof RunDocuments>(
  store: Store,
  runId: string,
  name: Name,
  document: RunDocuments[Name],
): Promise<string> {
  const key = runKey(runId, name);
  await store.put(key, Buffer.from(`${JSON.stringify(document)}\n`));
  return key;
}

/** The document, or undefined where the run has not come so far. */
export async function findDocument<Name extends keyof RunDocuments>(
  store: Store,
  runId: string,
  name: Name,
): Promise<RunDocuments[Name] | undefined> {
  const bytes = await store.read(runKey(runId, name));
  return bytes === undefined
    ? undefined
    : (JSON.parse(Buffer.from(bytes).toString('utf8')) as RunDocuments[Name]);
}

/** The document of a state that must have run before. */
export async function readDocument<Name extends keyof RunDocuments>(
  store: Store,
  runId: string,
  name: Name,
): Promise<RunDocuments[Name]> {
  const document = await findDocument(store, runId, name);
  if (document === undefined)
    throw new Error(`run ${runId} has left no ${name} document at ${runKey(runId, name)}`);
  return document;
}

/**
 * What a run that has ended needs no more: what its states handed on, and the rows that they kept
 * for one another.
 */
export async function removeRunDocuments(store: Store, runId: string): Promise<void> {
  for (const name of ['plan', 'made', 'gold', 'load', 'upsert'])
    await store.remove(runKey(runId, name));
  for await (const { key } of store.list(changesPrefix(runId))) await store.remove(key);
}

/**
 * The objects that were made. Error: `BronzeChanged` where one was overwritten while a job read it.
 */
export async function readBronzeResult(store: Store, runId: string): Promise<BronzeResult> {
  const { changed, ...result } = await readDocument(store, runId, 'made');
  if (changed === undefined) return result;
  throw new BronzeChanged(changed, { hint: 'The run plans again with what is there now.' });
}
