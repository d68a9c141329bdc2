import { byArrival } from './arrival.ts';
import { changesPrefix } from '../layout.ts';
import type { LiveObject, SilverToGoldInput } from '../ports/engine.ts';
import type { PlannedObject } from './plan.ts';
import type { DataFile, LakeState, ObjectRecord } from '../ledger/records.ts';

/**
 * Above this share of changed rows, recomputing all customers is faster than only the changed ones.
 */
const FULL_SHARE = 0.3;

/** Returns the objects that are live once the written records are committed. */
export function liveAfter(
  state: LakeState,
  written: readonly ObjectRecord[],
  removed: readonly string[],
): ObjectRecord[] {
  const objects = new Map(state.objects);
  for (const key of removed) objects.delete(key);
  for (const record of written) objects.set(record.key, record);
  return [...objects.values()].toSorted(byArrival);
}

/**
 * Returns the live objects with silver rows in order of arrival, each with the number of rows that
 * arrived before it.
 */
export function withPositions(live: readonly ObjectRecord[]): LiveObject[] {
  let position = 0;
  return live.flatMap(({ key, silver, rows }) => {
    const before = position;
    position += rows.read;
    return silver === null ? [] : [{ key, silver, position: before, rows: rows.read }];
  });
}

/**
 * Returns the silver rows that a run adds and removes, for computing gold from the previous gold;
 * undefined where all of gold must be recomputed.
 */
export function touchedRows(
  runId: string,
  state: LakeState,
  live: readonly ObjectRecord[],
  written: readonly ObjectRecord[],
  removed: readonly string[],
): SilverToGoldInput['before'] {
  if (state.gold === null) return undefined;
  const previous = [...written.map(({ key }) => key), ...removed].flatMap(
    (key) => state.objects.get(key) ?? [],
  );
  const rows = (records: readonly ObjectRecord[]): number =>
    records.reduce((sum, record) => sum + record.rows.read, 0);
  if (rows(written) + rows(previous) > FULL_SHARE * rows(live)) return undefined;
  const withSilver = (records: readonly ObjectRecord[]) =>
    records.flatMap(({ key, silver }) => (silver === null ? [] : [{ key, silver }]));
  const { files: gold, digest, shared } = state.gold;
  const known = shared === undefined ? {} : { shared };
  return {
    gold,
    digest,
    ...known,
    arrived: withSilver(written),
    departed: withSilver(previous),
    changesPrefix: changesPrefix(runId),
  };
}

/** Returns the files of the ledger that the task reads; files written by this run are excluded. */
export function filesRead(state: LakeState, { live, before, keys }: SilverToGoldInput): DataFile[] {
  const silver = new Set([...live, ...(before?.departed ?? [])].map((one) => one.silver));
  return [
    ...[...silver].flatMap((key) => state.files.get(key) ?? []),
    ...(before?.gold ?? []),
    ...keys.files,
    ...(keys.former ?? []),
  ];
}

/** Returns gold's day: the newest ingestion date of the live objects. Undefined without objects. */
export const goldDay = (live: readonly ObjectRecord[]): string | undefined =>
  live.at(-1)?.ingestion_date;

/** Groups the written records by the change that caused them. */
export function byChange(
  records: readonly ObjectRecord[],
  planned: readonly PlannedObject[],
): Record<PlannedObject['change'], ObjectRecord[]> {
  const changes = new Map(planned.map(({ key, change }) => [key, change]));
  const of = (change: PlannedObject['change']): ObjectRecord[] =>
    records.filter(({ key }) => changes.get(key) === change);
  return { added: of('added'), replaced: of('replaced'), remade: of('remade') };
}
