import { CHECKPOINTS, checkpointKey, commitKey, COMMITS, seqOfKey } from '../layout.ts';
import { LEDGER_FORMAT, mustBeKnown } from './ledger-version.ts';
import type { Store } from '../ports/store.ts';
import { type Commit, emptyState, type LakeState } from './records.ts';
import { ledgerDamaged as damaged, sealed, sha256, unsealed } from './seal.ts';

/** Number of commits between two checkpoints, which bound the time to read a long ledger. */
const CHECKPOINT_EVERY = 20;

type Checkpoint = Omit<LakeState, 'objects' | 'files'> & {
  format?: number;
  objects: [string, unknown][];
  files: [string, unknown][];
};

/**
 * Reads the state after the newest commit; the empty state where there is no commit. Errors:
 * `LedgerDamaged`, naming the object, `LakeTooNew`.
 */
export async function readLedger(store: Store): Promise<LakeState> {
  let state = await newestCheckpoint(store);
  const after = state.seq === 0 ? {} : { after: commitKey(state.seq) };
  for await (const { key } of store.list(COMMITS, after)) {
    if (seqOfKey(key) !== state.seq + 1)
      throw damaged(key, `commit ${state.seq + 1} is missing before it`);
    const { commit, digest } = await readCommit(store, key);
    if (commit.previous !== state.commit)
      throw damaged(key, 'it does not follow the commit before it');
    state = applied(state, commit, digest);
  }
  return state;
}

async function newestCheckpoint(store: Store): Promise<LakeState> {
  let newest: string | undefined;
  for await (const { key } of store.list(CHECKPOINTS)) newest = key;
  return newest === undefined ? emptyState() : readCheckpoint(store, newest);
}

/** Reads the state of a checkpoint. Errors: `LedgerDamaged`, `LakeTooNew`. */
export async function readCheckpoint(store: Store, key: string): Promise<LakeState> {
  const { format, ...state } = unsealed(key, await present(store, key)) as Checkpoint;
  mustBeKnown(key, { ...state, ...(format === undefined ? {} : { format }) });
  return { ...state, objects: new Map(state.objects), files: new Map(state.files) } as LakeState;
}

/** Reads a commit and the sha-256 of its bytes. Errors: `LedgerDamaged`, `LakeTooNew`. */
export async function readCommit(
  store: Store,
  key: string,
): Promise<{ commit: Commit; digest: string }> {
  const bytes = await present(store, key);
  const commit = unsealed(key, bytes) as Commit;
  mustBeKnown(key, commit);
  return { commit, digest: sha256(bytes) };
}

/**
 * Yields every commit in order, with gold as later erasures left it: files that an erasure rewrote
 * replace the originals.
 */
export async function* readCommits(
  store: Store,
): AsyncIterable<{ commit: Commit; digest: string }> {
  const read: { commit: Commit; digest: string }[] = [];
  for await (const { key } of store.list(COMMITS)) read.push(await readCommit(store, key));
  const erased = read.flatMap(({ commit }) => commit.erased ?? []);
  for (const { commit, digest } of read) yield { commit: withErasures(commit, erased), digest };
}

function withErasures(commit: Commit, erased: NonNullable<Commit['erased']>): Commit {
  if (commit.gold === null || erased.length === 0) return commit;
  let { files } = commit.gold;
  for (const { of, file } of erased)
    if (files.some(({ key }) => of.includes(key)))
      files = [...files.filter(({ key }) => !of.includes(key)), file];
  return { ...commit, gold: { ...commit.gold, files } };
}

/**
 * Returns the state after a commit: objects are replaced by key, unreferenced files are dropped.
 */
export function applied(state: LakeState, commit: Commit, digest: string): LakeState {
  const objects = new Map(state.objects);
  for (const key of commit.objects.removed) objects.delete(key);
  const { added, replaced, remade } = commit.objects;
  for (const record of [...added, ...replaced, ...remade]) objects.set(record.key, record);
  const known = new Map([...state.files, ...commit.files.map((file) => [file.key, file] as const)]);
  const named = new Set(
    [...objects.values()].flatMap(({ silver, quarantine }) => [silver, quarantine]),
  );
  const files = new Map([...known].filter(([key]) => named.has(key)));
  return {
    seq: commit.seq,
    ...(commit.rules_version === undefined ? {} : { rules_version: commit.rules_version }),
    lake: commit.lake,
    commit: digest,
    objects,
    files,
    keys: commit.keys,
    rates: commit.rates,
    gold: commit.gold,
  };
}

/**
 * Publishes a commit with one create-if-absent write, and a checkpoint every `CHECKPOINT_EVERY`
 * commits. Returns the commit's digest, or undefined where another writer has taken the seq. A
 * commit of the same attempt at that seq counts as published (its response was lost).
 */
export async function publish(
  store: Store,
  before: LakeState,
  commit: Commit,
): Promise<string | undefined> {
  const bytes = sealed(commit);
  const key = commitKey(commit.seq);
  if (!(await store.create(key, bytes))) {
    const winner = await readCommit(store, key);
    if (winner.commit.attempt !== commit.attempt) return undefined;
  }
  const digest = sha256(bytes);
  if (commit.seq % CHECKPOINT_EVERY === 0)
    await writeCheckpoint(store, applied(before, commit, digest));
  return digest;
}

async function writeCheckpoint(store: Store, state: LakeState): Promise<void> {
  const checkpoint = {
    format: LEDGER_FORMAT,
    ...state,
    objects: [...state.objects],
    files: [...state.files],
  };
  await store.create(checkpointKey(state.seq), sealed(checkpoint));
}

async function present(store: Store, key: string): Promise<Uint8Array> {
  const bytes = await store.read(key);
  if (bytes === undefined) throw damaged(key, 'it is missing');
  return bytes;
}
