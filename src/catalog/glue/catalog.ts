import type { GlueClient, Partition } from '@aws-sdk/client-glue';

import { CATALOG } from '../../lake/layout.ts';
import type { Catalog } from '../../lake/ports/catalog.ts';
import type { Store } from '../../lake/ports/store.ts';
import type { LakeState } from '../../lake/ledger/records.ts';
import { isDefinedAs, LAKE, partitionInput, SEQ, tableInput, viewInput } from './definition.ts';
import { newestInHistory, publishHistory } from './gold-history.ts';
import { writeLists } from './lists.ts';
import { addPartitions, movePartitions, partitionsOf } from './partitions.ts';
import { remotely } from './remote.ts';
import { type Database, findTable, seqOf, switchTable } from './switch-table.ts';
import { type LakeTable, TABLES } from './tables.ts';
import { viewsOf } from './views.ts';

export type GlueCatalogOptions = {
  client: GlueClient;
  database: string;
  /** The location of the lake for Athena: `s3://bucket/prefix` without a trailing slash. */
  location: string;
  store: Store;
};

type Place = Database & { location: string; store: Store };

const SWITCHED: readonly LakeTable[] = [
  TABLES.keyFiles,
  TABLES.objects,
  TABLES.gold,
  TABLES.goldHistory,
];

/**
 * The Glue Data Catalog, as Athena reads it: `silver`, `quarantine`, `gold`, `gold_history`,
 * `objects` and `customer_keys`. Files below a day's folder may be dead, so `silver` and
 * `quarantine` show only what `objects` names. One conditional call switches `objects` to a commit.
 */
export function glueCatalog(options: GlueCatalogOptions): Catalog {
  const name = `Glue database ${options.database}`;
  const place = { ...options, location: options.location.replace(/\/+$/, '') };
  return {
    name,
    seq: () => remotely(name, () => shownSeq(place)),
    publish: (ledger) => remotely(name, () => publish(place, ledger)),
  };
}

/**
 * Returns the oldest commit that any of the tables shows; null if one was never published or its
 * definition has changed.
 */
async function shownSeq(place: Place): Promise<number | null> {
  const tables = await Promise.all(SWITCHED.map(({ name }) => findTable(place, name)));
  const lake = tables[0]?.Parameters?.[LAKE] ?? null;
  const seqs = tables.map((found, index) => {
    const table = SWITCHED[index];
    if (found === undefined || table === undefined) return null;
    return isDefinedAs(found, tableInput(table, '')) ? seqOf(found, lake) : null;
  });
  if (seqs.includes(null)) return null;
  const seq = Math.min(...seqs.map(Number));
  if (tables[2]?.StorageDescriptor?.Location?.includes(CATALOG) === true) return seq;
  return Math.min(seq, (await newestInHistory(place, lake)) ?? 0);
}

/**
 * Publishes partitions first, then the lists, then the switches: until `objects` moves, readers see
 * the previous commit. Partitions of silver and quarantine are only ever added, so concurrent
 * publishers cannot remove each other's days.
 */
async function publish(place: Place, ledger: LakeState): Promise<void> {
  const { location, store } = place;
  const shows = { [SEQ]: String(ledger.seq), [LAKE]: ledger.lake ?? '' };
  for (const table of [TABLES.silver, TABLES.quarantine, TABLES.keys])
    await switchTable(place, tableInput(table, `${location}/${table.folder}`));
  await addDays(place, ledger, 'silver');
  await addDays(place, ledger, 'quarantine');
  await moveHistory(place, ledger, shows);
  const lists = await writeLists(store, ledger);
  const none = `${location}/${CATALOG}no-gold/`;
  const gold = ledger.gold === null ? none : `${location}/${ledger.gold.prefix}`;
  await switchTable(place, tableInput(TABLES.keyFiles, `${location}/${lists.keyFiles}`, shows));
  await switchTable(place, tableInput(TABLES.objects, `${location}/${lists.objects}`, shows));
  await switchTable(place, tableInput(TABLES.gold, gold, shows));
  for (const view of viewsOf(location)) await switchTable(place, viewInput(view, place.database));
}

/** Moves the partitions of `gold_history`, then records the commit on the table. */
async function moveHistory(
  place: Place,
  ledger: LakeState,
  shows: Record<string, string>,
): Promise<void> {
  const location = `${place.location}/gold/`;
  const found = await findTable(place, TABLES.goldHistory.name);
  if (found === undefined) await switchTable(place, tableInput(TABLES.goldHistory, location));
  await publishHistory(place, ledger, (found && seqOf(found, ledger.lake)) ?? 0);
  await switchTable(place, tableInput(TABLES.goldHistory, location, shows));
}

async function addDays(
  place: Place,
  ledger: LakeState,
  layer: 'silver' | 'quarantine',
): Promise<void> {
  const table = TABLES[layer];
  const live = [...ledger.objects.values()].filter((record) => record[layer] !== null);
  const days = new Set(live.map(({ ingestion_date }) => ingestion_date));
  const found = await partitionsOf(place, table.name);
  const wanted = [...days].toSorted().map((day) => {
    const folder = `${place.location}/${table.folder}ingestion_date=${day}/`;
    return { day, folder, input: partitionInput(table, [day], folder, {}) };
  });
  const missing = wanted.filter(({ day }) => !found.has(day));
  const elsewhere = wanted.filter(({ day, folder }) => isElsewhere(found.get(day), folder));
  await addPartitions(
    place,
    table.name,
    missing.map(({ input }) => input),
  );
  await movePartitions(
    place,
    table.name,
    elsewhere.map(({ input }) => input),
  );
}

/** True if the database previously served a lake at another location. */
const isElsewhere = (found: Partition | undefined, folder: string): boolean =>
  found !== undefined && found.StorageDescriptor?.Location !== folder;
