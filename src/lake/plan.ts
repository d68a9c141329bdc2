import { matchSource } from '../medallion/match-source.ts';
import { zonedDate } from '../medallion/zoned-date.ts';
import { dateInKey } from './arrival.ts';
import { isReadable } from './bronze/scan.ts';
import { recordedErased, withErasedRows } from './erase/erased-rows.ts';
import { BRONZE } from './layout.ts';
import type { ObjectToMake } from './ports/engine.ts';
import type { ObjectInfo, Store } from './ports/store.ts';
import type { LakeState, ObjectRecord } from './records.ts';
import { type LakeSettings, rulesDigest } from './settings.ts';

/** Why an object is read. `remade`: itself unchanged, its source, rules or rates are others now. */
export type Change = 'added' | 'replaced' | 'remade';

export type PlannedObject = ObjectToMake & { change: Change };

/** What the law asks for minus what is recorded, the rates apart. */
export type Difference = {
  /** In order of ingestion date, source and key, so that neighbours can be read together. */
  make: PlannedObject[];
  removed: string[];
  unchanged: string[];
  /** Objects in bronze whose ending is not one that is read: they are only reported. */
  ignored: string[];
};

/** Compares the bronze objects with the ledger: new, changed, vanished, and those whose source or rules changed. */
export async function difference(
  store: Store,
  state: LakeState,
  settings: LakeSettings,
): Promise<Difference> {
  const result: Difference = { make: [], removed: [], unchanged: [], ignored: [] };
  const seen = new Set<string>();
  const digests = new Map<string | undefined, string>();
  for await (const info of store.list(BRONZE)) {
    const key = info.key.slice(BRONZE.length);
    if (!isReadable(key)) {
      result.ignored.push(key);
      continue;
    }
    seen.add(key);
    const source = matchSource(settings.sources, key) ?? null;
    const rules = digests.get(source?.name) ?? rulesDigest(source, settings);
    digests.set(source?.name, rules);
    const change = changeOf(state.objects.get(key), info, rules);
    if (change === undefined) result.unchanged.push(key);
    else result.make.push({ ...toMake(info, key, settings), source, rules, change });
  }
  result.removed = [...state.objects.keys()].filter((key) => !seen.has(key));
  result.make = await withErasedRows(store, state.objects, result.make.toSorted(bySource));
  return result;
}

/** An unchanged object to be read again, since the rates that it looked up are others now. */
export function remake(record: ObjectRecord, settings: LakeSettings): PlannedObject {
  const source = matchSource(settings.sources, record.key) ?? null;
  const { key, size, etag, modified, ingestion_date: ingestionDate, rules } = record;
  const erased = recordedErased(record);
  const object: PlannedObject = {
    key,
    size,
    etag,
    modified,
    ingestionDate,
    rules,
    source,
    change: 'remade',
  };
  return erased.length === 0 ? object : { ...object, erased };
}

function changeOf(
  record: ObjectRecord | undefined,
  info: ObjectInfo,
  rules: string,
): Change | undefined {
  if (record === undefined) return 'added';
  if (record.etag !== info.etag || record.size !== info.size || record.modified !== info.modified)
    return 'replaced';
  return record.rules === rules ? undefined : 'remade';
}

function toMake(
  info: ObjectInfo,
  key: string,
  { timeZone }: LakeSettings,
): Pick<ObjectToMake, 'key' | 'size' | 'etag' | 'modified' | 'ingestionDate'> {
  const { size, etag, modified } = info;
  return {
    key,
    size,
    etag,
    modified,
    ingestionDate: dateInKey(key) ?? zonedDate(timeZone, modified),
  };
}

export function bySource(a: ObjectToMake, b: ObjectToMake): number {
  const order = (object: ObjectToMake): string[] => [
    object.ingestionDate,
    object.source?.name ?? '',
    object.key,
  ];
  const [left, right] = [order(a), order(b)];
  const at = left.findIndex((part, index) => part !== right[index]);
  return at < 0 ? 0 : Buffer.compare(Buffer.from(left[at] ?? ''), Buffer.from(right[at] ?? ''));
}
