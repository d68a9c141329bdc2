import { matchSource } from '../../medallion/match-source.ts';
import { zonedDate } from '../../medallion/sql/zoned-date.ts';
import { dateInKey } from './arrival.ts';
import { isReadable } from '../bronze/scan.ts';
import { recordedErased, withErasedRows } from '../rewrite/erased-rows.ts';
import { BRONZE } from '../layout.ts';
import type { LostFile } from './lost-files.ts';
import type { ObjectToRead } from '../ports/engine.ts';
import type { ObjectInfo, Skipped, Store } from '../ports/store.ts';
import type { LakeState, ObjectRecord } from '../ledger/records.ts';
import { type LakeSettings, rulesDigest } from '../settings.ts';

/** Why an object is read. `remade`: it is unchanged, but its source, rules or rates changed. */
export type Change = 'added' | 'replaced' | 'remade';

export type PlannedObject = ObjectToRead & { change: Change };

/** The difference between bronze with its rules and the ledger, without rates. */
export type Difference = {
  /** Objects to read, by ingestion date, source and key, so that neighbours are read together. */
  make: PlannedObject[];
  removed: string[];
  unchanged: string[];
  /** Objects in bronze with an extension that is not read: they are only reported. */
  ignored: string[];
  /**
   * Entries of bronze that cannot be read as objects, by keys below bronze/; a run continues
   * without them.
   */
  skipped: Skipped[];
  /**
   * Objects of the ledger at or below a skipped entry: whether they changed or are gone is unknown,
   * so their rows stay.
   */
  kept: string[];
  /** Live files of silver, quarantine and gold that are missing or truncated; they are rebuilt. */
  lost: LostFile[];
};

/**
 * Compares the bronze objects with the ledger: new, changed and removed ones, and those whose
 * source or rules changed.
 */
export async function difference(
  store: Store,
  state: LakeState,
  settings: LakeSettings,
): Promise<Difference> {
  const result: Difference = {
    make: [],
    removed: [],
    unchanged: [],
    ignored: [],
    skipped: [],
    kept: [],
    lost: [],
  };
  const onSkipped = (skipped: Skipped): void => {
    result.skipped.push({ ...skipped, key: skipped.key.slice(BRONZE.length) });
  };
  const seen = new Set<string>();
  const digests = new Map<string | undefined, string>();
  for await (const info of store.list(BRONZE, { onSkipped })) {
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
    else result.make.push({ ...objectFacts(info, key, settings), source, rules, change });
  }
  result.skipped.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  const gone = [...state.objects.keys()].filter((key) => !seen.has(key));
  const isHidden = hiddenBy(result.skipped);
  result.removed = gone.filter((key) => !isHidden(key));
  result.kept = gone.filter(isHidden);
  result.make = await withErasedRows(store, state.objects, result.make.toSorted(bySource));
  return result;
}

/** Returns a predicate: true for a skipped key or a key below a skipped folder. */
export function hiddenBy(skipped: readonly Skipped[]): (key: string) => boolean {
  const keys = new Set(skipped.map(({ key }) => key));
  if (keys.size === 0) return () => false;
  return (key) =>
    keys.has(key) ||
    [...key.matchAll(/\//g)].some(
      ({ index }) => keys.has(key.slice(0, index + 1)) || keys.has(key.slice(0, index)),
    );
}

/** Plans an unchanged object to be read again because the rates that it used have changed. */
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

function objectFacts(
  info: ObjectInfo,
  key: string,
  { timeZone }: LakeSettings,
): Pick<ObjectToRead, 'key' | 'size' | 'etag' | 'modified' | 'ingestionDate'> {
  const { size, etag, modified } = info;
  return {
    key,
    size,
    etag,
    modified,
    ingestionDate: dateInKey(key) ?? zonedDate(timeZone, modified),
  };
}

export function bySource(a: ObjectToRead, b: ObjectToRead): number {
  const order = (object: ObjectToRead): string[] => [
    object.ingestionDate,
    object.source?.name ?? '',
    object.key,
  ];
  const [left, right] = [order(a), order(b)];
  const at = left.findIndex((part, index) => part !== right[index]);
  return at < 0 ? 0 : Buffer.compare(Buffer.from(left[at] ?? ''), Buffer.from(right[at] ?? ''));
}
