import { LedgerConflict } from '../../errors.ts';
import { fileDamage } from '../ledger/integrity.ts';
import { CUSTOMER_KEYS, customerKeysKey, GOLD, QUARANTINE, RUNS, SILVER } from '../layout.ts';
import { publish, readCommits, readLedger } from '../ledger/ledger.ts';
import { LEDGER_FORMAT } from '../ledger/ledger-version.ts';
import type { Commit, LakeState } from '../ledger/records.ts';
import { RULES_VERSION } from '../settings.ts';
import type { EraseLake } from './erase-lake.ts';
import { voidNotes } from '../rewrite/erased-rows.ts';

/**
 * Rewrites the gold of older commits and the registry of customer keys without the customer, and
 * publishes them with a commit. Returns the number of files written. `customers`: all integers that
 * the customer has or had.
 */
export async function rewriteHistory(
  lake: EraseLake,
  customers: readonly number[],
): Promise<number> {
  const { workspace } = lake;
  const ledger = await readLedger(workspace.store);
  if (ledger.lake === null) return 0;
  const attempt = lake.newId();
  const erased = await olderGold(lake, ledger, customers, attempt);
  const keys = await lake.personSearch.without(
    workspace,
    ledger.keys.files,
    customers,
    customerKeysKey(ledger.seq + 1, attempt),
  );
  const previousKeys = await lake.personSearch.without(
    workspace,
    ledger.keys.former ?? [],
    customers,
    customerKeysKey(ledger.seq + 1, `${attempt}-former`),
  );
  if (erased.length === 0 && keys === undefined && previousKeys === undefined) return 0;
  const commit = erasureCommit(ledger, attempt, lake.now());
  if (erased.length > 0) commit.erased = erased;
  commit.keys = {
    ...ledger.keys,
    ...(keys === undefined ? {} : { files: [keys] }),
    ...(previousKeys === undefined ? {} : { former: [previousKeys] }),
  };
  if ((await publish(workspace.store, ledger, commit)) === undefined)
    throw new LedgerConflict(`Another writer committed seq ${commit.seq} first.`, {
      hint: 'Run the command again: it continues from that commit.',
    });
  return erased.length + [keys, previousKeys].filter((file) => file !== undefined).length;
}

function erasureCommit(ledger: LakeState, attempt: string, now: Date): Commit {
  const { rates, lake, seq, commit: previous, keys, gold } = ledger;
  if (rates === null || lake === null) throw new Error('a ledger with commits has rates');
  return {
    format: LEDGER_FORMAT,
    rules_version: RULES_VERSION,
    seq: seq + 1,
    lake,
    attempt,
    run_id: `erase-${attempt}`,
    committed_at: now.toISOString(),
    previous,
    rates,
    objects: { added: [], replaced: [], remade: [], removed: [] },
    files: [],
    keys,
    gold,
  };
}

/**
 * Rewrites older gold. Damaged files are left out, since their rows cannot be trusted; they are
 * removed with the unreferenced files.
 */
async function olderGold(
  { workspace, personSearch }: EraseLake,
  ledger: LakeState,
  customers: readonly number[],
  attempt: string,
): Promise<NonNullable<Commit['erased']>> {
  const erased: NonNullable<Commit['erased']> = [];
  const seen = new Set((ledger.gold?.files ?? []).map(({ key }) => key));
  for await (const { commit } of readCommits(workspace.store)) {
    const { gold } = commit;
    if (gold === null || gold.files.some(({ key }) => seen.has(key))) continue;
    for (const { key } of gold.files) seen.add(key);
    const damage = await Promise.all(gold.files.map((file) => fileDamage(workspace, file)));
    if (damage.some((found) => found !== undefined)) continue;
    const key = `${gold.prefix}without-${attempt}.parquet`;
    const file = await personSearch.without(workspace, gold.files, customers, key);
    if (file !== undefined) erased.push({ of: gold.files.map((one) => one.key), file });
  }
  return erased;
}

/** Temporary row files of runs; those of a killed run remain. */
const ROWS_OF_RUNS = /\/(?:changed-gold|spark-[^/]+)\//;

/**
 * Removes files that no commit's gold, no live object and no registry references: previous files,
 * and those of runs that never committed. Returns their keys.
 */
export async function removeUnreferenced({ workspace: { store } }: EraseLake): Promise<string[]> {
  const ledger = await readLedger(store);
  const registry = [...ledger.keys.files, ...(ledger.keys.former ?? [])];
  const referenced = new Set([...ledger.files.keys(), ...registry.map(({ key }) => key)]);
  for await (const { commit } of readCommits(store))
    for (const { key } of commit.gold?.files ?? []) referenced.add(key);
  const removed: string[] = [];
  for (const prefix of [CUSTOMER_KEYS, GOLD, QUARANTINE, SILVER])
    for await (const { key } of store.list(prefix)) if (!referenced.has(key)) removed.push(key);
  removed.push(...(await voidNotes(store, ledger.objects)));
  for await (const { key } of store.list(RUNS)) if (ROWS_OF_RUNS.test(key)) removed.push(key);
  for (const key of removed) await store.remove(key);
  return removed;
}
