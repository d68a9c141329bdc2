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
 * The result of Plan. States pass keys of documents to each other, since a payload between states
 * is limited to 262,144 bytes.
 */
export type PlanDocument = {
  attempt: string;
  seq: number;
  make: PlannedObject[];
  removed: string[];
  unchanged: number;
  ignored: string[];
  /** Absent in documents of earlier versions. */
  skipped?: Skipped[];
  rates: RatesRecord;
  /**
   * Lost files to rebuild. Where there are any, all of gold is recomputed from silver.
   */
  lost?: LostFile[];
};

/**
 * The result of BronzeToSilver. `changed`: message of a job, which cannot throw named errors, that
 * an object changed while it was read.
 */
export type BronzeDocument = BronzeResult & { changed?: string };

/** The result of SilverToGold; `gold` is null where no object is live. */
export type GoldDocument = {
  gold: GoldRecord | null;
  fates: GoldResult['fates'];
  keys: GoldResult['keys'];
  changes?: GoldChanges;
};

/** The documents that states write for later states, by name. */
export type RunDocuments = {
  plan: PlanDocument;
  made: BronzeDocument;
  gold: GoldDocument;
  load: Load;
  upsert: UpsertResult & { customers: number };
};

/** The names of these documents; all of them are removed once the run has ended. */
export const RUN_DOCUMENTS = [
  'plan',
  'made',
  'gold',
  'load',
  'upsert',
] as const satisfies readonly (keyof RunDocuments)[];

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

/** Reads a document; undefined where the run has not written it yet. */
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

/** Reads the document of a state that must have run before. */
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
 * Removes the documents and changed rows of a run that has ended.
 */
export async function removeRunDocuments(store: Store, runId: string): Promise<void> {
  for (const name of RUN_DOCUMENTS) await store.remove(runKey(runId, name));
  for await (const { key } of store.list(changesPrefix(runId))) await store.remove(key);
}

/**
 * Reads the result of BronzeToSilver. Error: `BronzeChanged` where an object was overwritten while
 * a job read it.
 */
export async function readBronzeResult(store: Store, runId: string): Promise<BronzeResult> {
  const { changed, ...result } = await readDocument(store, runId, 'made');
  if (changed === undefined) return result;
  throw new BronzeChanged(changed, { hint: 'The run plans again with the current content.' });
}
