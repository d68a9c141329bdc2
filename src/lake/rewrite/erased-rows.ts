import { ERASURES, erasedRowsKey, isErasedRowsKey } from '../layout.ts';
import type { ErasedContent, ObjectToRead } from '../ports/engine.ts';
import type { Store } from '../ports/store.ts';
import type { LakeState, ObjectRecord } from '../ledger/records.ts';
import { sealed, sha256, unsealed } from '../ledger/seal.ts';

/**
 * Rows that erasures removed from one bronze object, by the remaining content. It is written before
 * the object is rewritten, so that a kill in between loses no count: only the entry with the
 * sha-256 of the current content is valid.
 */
type Note = { format: 1; contents: ErasedContent[] };

const noteKey = (object: string): string => erasedRowsKey(sha256(Buffer.from(object)));

async function readNote(store: Store, key: string): Promise<ErasedContent[]> {
  const bytes = await store.read(key);
  return bytes === undefined ? [] : (unsealed(key, bytes) as Note).contents;
}

/**
 * Records the rows removed from an object whose content changes from `before` to `after`, added to
 * the rows that earlier erasures removed from `before`. Error: `LedgerDamaged`.
 */
export async function noteErased(
  store: Store,
  object: Pick<ObjectToRead, 'key' | 'erased'>,
  before: string,
  after: ErasedContent,
): Promise<void> {
  const key = noteKey(object.key);
  const known = [...(await readNote(store, key)), ...(object.erased ?? [])];
  const earlier = known.find((one) => one.sha256 === before);
  const contents = [
    ...(earlier === undefined ? [] : [earlier]),
    {
      sha256: after.sha256,
      rows: after.rows + (earlier?.rows ?? 0),
      rejected: after.rejected + (earlier?.rejected ?? 0),
    },
  ];
  await store.put(key, sealed({ format: 1, contents } satisfies Note));
}

/**
 * Adds to each object the rows that erasures removed from it, from its note or else from the
 * ledger. Error: `LedgerDamaged`.
 */
export async function withErasedRows<Planned extends ObjectToRead>(
  store: Store,
  recorded: LakeState['objects'],
  objects: readonly Planned[],
): Promise<Planned[]> {
  if (objects.length === 0) return [];
  const notes = await noteKeys(store);
  const found: Planned[] = [];
  for (const object of objects) {
    const key = noteKey(object.key);
    const noted = notes.has(key) ? await readNote(store, key) : [];
    const all = [...noted, ...recordedErased(recorded.get(object.key)), ...(object.erased ?? [])];
    const erased = all.filter(
      (one, at) => all.findIndex((other) => other.sha256 === one.sha256) === at,
    );
    found.push(erased.length === 0 ? object : { ...object, erased });
  }
  return found;
}

/** Returns the rows removed from an object, as recorded when it was last read. */
export function recordedErased(record: ObjectRecord | undefined): ErasedContent[] {
  const { rows, erased_rejected: rejected = 0, sha256: content } = record ?? {};
  if (rows?.erased === undefined || typeof content !== 'string') return [];
  return [{ sha256: content, rows: rows.erased, rejected }];
}

/** Returns the keys of notes for objects that are not live, or live with other content. */
export async function voidNotes(store: Store, objects: LakeState['objects']): Promise<string[]> {
  const keys = await noteKeys(store);
  if (keys.size === 0) return [];
  const live = new Map([...objects.values()].map((record) => [noteKey(record.key), record]));
  const unused: string[] = [];
  for (const key of keys) {
    const contents = await readNote(store, key);
    const content = live.get(key)?.sha256;
    if (!contents.some((one) => one.sha256 === content)) unused.push(key);
  }
  return unused;
}

async function noteKeys(store: Store): Promise<Set<string>> {
  const keys = new Set<string>();
  for await (const { key } of store.list(ERASURES)) if (isErasedRowsKey(key)) keys.add(key);
  return keys;
}
