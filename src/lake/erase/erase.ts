import { EraseRefused } from '../../errors.ts';
import type { CustomerName } from '../customer-facts.ts';
import { CERTIFICATES } from '../layout.ts';
import { readLedger } from '../ledger.ts';
import { difference, remake } from '../plan.ts';
import type { ObjectToMake } from '../ports/engine.ts';
import type { Remainder } from '../ports/warehouse.ts';
import { ratesInUse } from '../rates-in-use.ts';
import type { LakeState } from '../records.ts';
import { mustBeOwn, tableOrigin } from '../table-origin.ts';
import { auditTable, takeOver } from '../take-over.ts';
import type { EraseLake } from './erase-lake.ts';
import { taskFor } from './keep-away.ts';
import { removeUnnamed, rewritePast } from './past.ts';
import { personNamed, type Person } from './person.ts';
import { findRows, rewriteObject, rewriteOf, type Rewrite } from './rewrite.ts';
import {
  type Hash,
  hashOf,
  hashWith,
  knownHash,
  readTombstone,
  wantedBy,
  writeTombstone,
} from './tombstones.ts';

/** What was rewritten, and what could not be looked into. It names nobody: `tombstone` is a keyed hash. */
export type Certificate = {
  format: 1;
  erased_at: string;
  seq: number;
  tombstone: string;
  objects: Rewrite[];
  /** Files of older gold and of the registry of customer keys that were written anew. */
  rewritten: number;
  removed: string[];
  table: { warehouse: string; deleted: number };
  /** What the server of the serving table still keeps, until when, and what ends it sooner. */
  remains: Remainder[];
  /** Bronze objects that no rule can read as rows: whoever they name, nobody looked. */
  not_searched: string[];
};

/** What an erasure would rewrite. */
export type ErasePlan = { customer: number; objects: Rewrite[]; not_searched: string[] };

/** Tells what an erasure would rewrite in bronze; nothing is written. Error: `CustomerUnknown`. */
export async function planErasure(on: EraseLake, customer: CustomerName): Promise<ErasePlan> {
  const hash = (await knownHash(on.work.store)) ?? hashWith(on.newKey());
  const person = await personNamed(on, customer, hash);
  const named = await namedObjects(on, person, hash);
  return {
    customer: person.id,
    objects: named.map(({ object, found }) => rewriteOf(object, found)),
    not_searched: await notSearched(on),
  };
}

/**
 * Erases a customer: tombstone, bronze, silver and gold by a commit, older gold and the registry by another, the serving table, then whatever nothing names any more,
 * and the certificate last. Each step leaves the lake lawful and finds by itself what is left to do, so it may be killed anywhere and run again.
 * The certificate is undefined where nothing was left to do. Errors: `CustomerUnknown`, `EraseRefused`, `WarehouseForeign`.
 */
export async function erase(
  on: EraseLake,
  customer: CustomerName,
): Promise<Certificate | undefined> {
  const { store } = on.work;
  if (store.keepsTimes !== true)
    throw new EraseRefused(`${store.name} cannot keep an object's last-modified time.`, {
      hint: 'The order of arrival hangs on it. Erase in a copy of the lake on a disk, and put that in its place.',
    });
  // Before anything is written: from a copy of a lake nobody is erased in the original's table.
  await mustBeOurs(on);
  await on.upToCommit();
  const hash = await hashOf(store, on.newKey());
  const person = await personNamed(on, customer, hash);
  const objects = await eraseBronze(on, person, hash);
  if (objects === undefined) return undefined;
  await on.upToCommit();
  const rewritten = await rewritePast(on, [person.id, ...person.former]);
  const { deleted, remains } = await eraseServed(on);
  const removed = await removeUnnamed(on);
  const certificate: Certificate = {
    format: 1,
    erased_at: on.now().toISOString(),
    seq: (await readLedger(store)).seq,
    tombstone: hash('id', String(person.id)),
    objects,
    rewritten,
    removed,
    table: { warehouse: (await on.warehouse()).name, deleted },
    remains,
    not_searched: await notSearched(on),
  };
  const stamp = certificate.erased_at.replace(/[-:]|\.\d+/g, '');
  const name = `${stamp}-${certificate.tombstone.slice(0, 12)}-${on.newId()}`;
  await store.put(`${CERTIFICATES}${name}.json`, encoded(certificate));
  await store.remove(pendingKey(person));
  return certificate;
}

const encoded = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`);
const pendingKey = ({ key }: Person): string => key.replace(/\.json$/, '.pending');

/**
 * What is to be rewritten is noted before it is done, so that the certificate of a later try names what an earlier one rewrote.
 * Undefined where the customer was erased before, that work was finished, and nothing brought them back.
 */
async function eraseBronze(
  on: EraseLake,
  person: Person,
  hash: Hash,
): Promise<Rewrite[] | undefined> {
  const { store } = on.work;
  const known = await readTombstone(store, person.key);
  const bytes = await store.read(pendingKey(person));
  const named = await namedObjects(on, person, hash);
  if (known !== undefined && bytes === undefined && !person.there && named.length === 0)
    return undefined;
  const before =
    bytes === undefined ? [] : (JSON.parse(Buffer.from(bytes).toString('utf8')) as Rewrite[]);
  const all = new Map(
    [...before, ...named.map(({ object, found }) => rewriteOf(object, found))].map(
      (rewrite) => [rewrite.object, rewrite] as const,
    ),
  );
  const rewrites = [...all.values()];
  await store.put(pendingKey(person), encoded(rewrites));
  await writeTombstone(store, person.key, person.tombstone);
  for (const { object, found } of named)
    await rewriteObject({ ...on, hash }, on.settings.limits, object, found);
  return rewrites;
}

async function namedObjects(
  on: EraseLake,
  person: Person,
  hash: Hash,
): ReturnType<typeof findRows> {
  const { work, settings } = on;
  const rates = await ratesInUse(work.store, on.rates);
  const objects = await candidates(on, person);
  return findRows(
    on,
    await taskFor(settings, work, rates, objects),
    wantedBy(hash, [person.tombstone]),
  );
}

/** Objects that silver says name the customer, and those whose rows silver does not hold one by one: refused rows, lines of a purchase, and what no run has read. */
async function candidates(
  { work, comparer, settings }: EraseLake,
  { id }: Person,
): Promise<ObjectToMake[]> {
  const ledger = await readLedger(work.store);
  const { make, unchanged, kept } = await difference(work.store, ledger, settings);
  const records = [...unchanged, ...kept].flatMap((key) => ledger.objects.get(key) ?? []);
  const inSilver = records.flatMap(({ key, silver }) =>
    silver === null ? [] : [{ object: key, file: silver }],
  );
  const theirs = await comparer.objectsOf(work, id, {
    candidates: inSilver,
    live: [],
    keys: ledger.keys.files.map(({ key }) => key),
  });
  const named = new Set(theirs.map(({ object }) => object));
  mustBeReadable(kept.filter((key) => named.has(key)));
  const inLines = new Set(
    settings.sources.flatMap(({ name, rows }) => (rows === 'lines' ? [name] : [])),
  );
  const chosen = records.filter(
    ({ key, rows, source }) =>
      named.has(key) || rows.quarantined > 0 || (source !== null && inLines.has(source)),
  );
  const hidden = new Set(kept);
  const readable = chosen.filter(({ key }) => !hidden.has(key));
  return [...make, ...readable.map((record) => remake(record, settings))];
}

/** Rows of theirs that nobody can take out now would stay in bronze, and come back with the next rebuild. */
function mustBeReadable(objects: readonly string[]): void {
  const [first] = objects;
  if (first === undefined) return;
  throw new EraseRefused(
    `${objects.length} objects hold rows of the customer and cannot be read, ${JSON.stringify(first)} first.`,
    { hint: 'See why with purchases plan, make them readable, and erase again.' },
  );
}

/** How many rows went from the serving table. What a try that was killed deleted is forgotten by the next. */
async function eraseServed(on: EraseLake): Promise<{ deleted: number; remains: Remainder[] }> {
  const audit = await auditTable(on, 0);
  const result = audit.behind ? await takeOver(on, audit) : undefined;
  return { deleted: result?.deleted ?? 0, remains: await audit.warehouse.forget() };
}

/** As a run asks: the table must be new, or at a commit of this very ledger. */
async function mustBeOurs({ work, warehouse: open }: EraseLake): Promise<void> {
  const ledger = await readLedger(work.store);
  const warehouse = await open();
  const state = await warehouse.state();
  mustBeOwn(warehouse, await tableOrigin(work.store, ledger, state), ledger, state.sync);
}

async function notSearched({ work: { store }, settings }: EraseLake): Promise<string[]> {
  const ledger: LakeState = await readLedger(store);
  const { ignored, skipped, kept } = await difference(store, ledger, settings);
  const refused = [...ledger.objects.values()].filter(
    ({ refused: why }) => why !== undefined && why.reason !== 'too_many_refused',
  );
  const unseen = [...skipped.map(({ key }) => key), ...kept];
  return [...new Set([...refused.map(({ key }) => key), ...ignored, ...unseen])].toSorted();
}
