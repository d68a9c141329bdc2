import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { existingDays, goldAsOf, type GoldDay, goldDays } from '../lake/ledger/gold-days.ts';
import { readCommits, readLedger } from '../lake/ledger/ledger.ts';
import { mustHaveFiles } from '../lake/run/lost-files.ts';
import { plainPaths, quotedPath } from '../lake/files/plain-paths.ts';
import type { Store } from '../lake/ports/store.ts';
import type { Commit, GoldRecord, LakeState } from '../lake/ledger/records.ts';
import {
  type Column,
  GOLD_COLUMNS,
  QUARANTINE_COLUMNS,
  SILVER_COLUMNS,
  emptyRows,
  REGISTRY_COLUMNS,
} from '../medallion/layers.ts';
import { literal } from '../medallion/sql/text.ts';
import { jsonLines, parquetFiles } from './view-files.ts';

/**
 * The statements that create the views of one commit, and every local file that they read, by its
 * own path or by a link. Disposing them removes the links.
 */
export type Views = Disposable & { statements: string[]; files: string[]; links: string[] };

const OBJECT_COLUMNS: Column[] = [
  ['object_key', 'VARCHAR'],
  ['source', 'VARCHAR'],
  ['ingestion_date', 'DATE'],
  ['modified_at', 'TIMESTAMPTZ'],
  ['bytes', 'BIGINT'],
  ['sha256', 'VARCHAR'],
  ['rows_read', 'BIGINT'],
  ['accepted', 'BIGINT'],
  ['duplicate', 'BIGINT'],
  ['superseded', 'BIGINT'],
  ['deleted', 'BIGINT'],
  ['quarantined', 'BIGINT'],
  ['erased', 'BIGINT'],
  ['refused', 'VARCHAR'],
  ['message', 'VARCHAR'],
  ['reasons', 'JSON'],
  ['repairs', 'JSON'],
  ['drift', 'VARCHAR[]'],
  ['silver_file', 'VARCHAR'],
  ['quarantine_file', 'VARCHAR'],
];
const COMMIT_COLUMNS: Column[] = [
  ['seq', 'BIGINT'],
  ['committed_at', 'TIMESTAMPTZ'],
  ['run_id', 'VARCHAR'],
  ['added', 'BIGINT'],
  ['replaced', 'BIGINT'],
  ['remade', 'BIGINT'],
  ['removed', 'BIGINT'],
  ['gold_day', 'DATE'],
  ['customers', 'BIGINT'],
  ['total_aud', 'DECIMAL(38,2)'],
  ['gold_digest', 'VARCHAR'],
  ['rates_newest', 'DATE'],
];

/**
 * Builds the views `silver`, `gold`, `gold_history`, `quarantine`, `objects` and `commits` over the
 * newest commit, for DuckDB. They are built from the ledger, so a reader sees whole commits only.
 * `scratch` is a local folder that must exist while they are read. With `asOf` (YYYY-MM-DD), `gold`
 * is that day's. Errors: `UsageError` if that day is no longer known, `LedgerDamaged` if a live
 * file is lost.
 */
export async function viewsOfNewest(
  store: Store,
  scratch: string,
  { asOf }: { asOf?: string | undefined } = {},
): Promise<Views> {
  const ledger = await readLedger(store);
  await mustHaveFiles(store, ledger);
  const commits: Commit[] = [];
  for await (const { commit } of readCommits(store)) commits.push(commit);
  const days = goldDays(commits);
  const kept = await existingDays(store, days);
  const gold = asOf === undefined ? ledger.gold : goldAsOf(days, kept, asOf).gold;
  const files: string[] = [];
  const plain = plainPaths(scratch);
  const links: string[] = [];
  const opened = (path: string): string => {
    const name = plain.file(path);
    (name === path ? files : links).push(name);
    return name;
  };
  const local = async (key: string): Promise<string> => {
    return opened(await store.local(key, scratch));
  };
  const table = async (
    name: string,
    columns: readonly Column[],
    rows: readonly object[],
  ): Promise<string> => {
    const file = join(scratch, `${name}.ndjson`);
    await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    return `create view ${name} as select * from ${jsonLines(opened(file), columns)}`;
  };
  return {
    files,
    links,
    [Symbol.dispose]: plain[Symbol.dispose],
    statements: [
      await table('objects', OBJECT_COLUMNS, [...ledger.objects.values()].map(objectRow)),
      await table('commits', COMMIT_COLUMNS, commits.map(commitRow)),
      await customerKeysView(ledger, local),
      await layerView('silver_rows', SILVER_COLUMNS, ledger, 'silver', local),
      `create view silver as select s.* replace (coalesce(s.customer_id, k.customer_id) as customer_id) from silver_rows s left join customer_keys k on k.customer_key = s.customer_key`,
      await layerView('quarantine_rows', QUARANTINE_COLUMNS, ledger, 'quarantine', local),
      `create view quarantine as select * from quarantine_rows union all by name select source, object_key, refused as reasons, message as raw, ingestion_date from objects where refused is not null and refused <> 'too_many_refused'`,
      await goldView(gold, local),
      await goldHistoryView(kept, local),
    ],
  };
}

type Local = (key: string) => Promise<string>;

/**
 * Selects rows of the live objects of one layer. A file may hold objects that are no longer live,
 * so rows are matched by file and object.
 */
async function layerView(
  view: string,
  columns: readonly Column[],
  ledger: LakeState,
  layer: 'silver' | 'quarantine',
  local: Local,
): Promise<string> {
  const keys = [...new Set([...ledger.objects.values()].flatMap((record) => record[layer] ?? []))];
  if (keys.length === 0)
    return `create view ${view} as ${emptyRows(columns, ', cast(null as date) as ingestion_date')}`;
  const paths = await Promise.all(keys.map(local));
  const pairs = keys
    .map((key, index) => `(${quotedPath(paths[index] ?? '')}, ${literal(key)})`)
    .join(', ');
  return `create view ${view} as select r.* exclude (filename), o.ingestion_date
from ${parquetFiles(paths, ', filename = true')} r
join (values ${pairs}) as f(path, key) on f.path = r.filename
join objects o on o.object_key = r.object_key and o.${layer}_file = f.key`;
}

async function customerKeysView({ keys }: LakeState, local: Local): Promise<string> {
  if (keys.files.length === 0) return `create view customer_keys as ${emptyRows(REGISTRY_COLUMNS)}`;
  const paths = await Promise.all(keys.files.map(({ key }) => local(key)));
  return `create view customer_keys as select customer_key, cast(customer_id as int) as customer_id from ${parquetFiles(paths)}`;
}

async function goldView(gold: GoldRecord | null, local: Local): Promise<string> {
  return `create view gold as ${gold === null ? emptyRows(GOLD_COLUMNS) : `select * from ${await goldFiles(gold, local)}`}`;
}

async function goldFiles(gold: GoldRecord, local: Local): Promise<string> {
  const paths = await Promise.all(gold.files.map(({ key }) => local(key)));
  return parquetFiles(paths);
}

/** Gold of every retained day. */
async function goldHistoryView(days: readonly GoldDay[], local: Local): Promise<string> {
  const parts = await Promise.all(
    days.map(
      async ({ day, seq, gold }) =>
        `select *, date '${day}' as gold_day, cast(${seq} as bigint) as seq from ${await goldFiles(gold, local)}`,
    ),
  );
  return `create view gold_history as ${parts.length === 0 ? emptyRows(GOLD_COLUMNS, ', cast(null as date) as gold_day, cast(null as bigint) as seq') : parts.join(' union all ')}`;
}

function objectRow(record: LakeState['objects'] extends Map<string, infer R> ? R : never): object {
  const {
    key,
    source,
    ingestion_date,
    modified,
    size,
    sha256,
    rows,
    refused,
    reasons,
    repairs,
    drift,
    silver,
    quarantine,
  } = record;
  return {
    object_key: key,
    source,
    ingestion_date,
    modified_at: new Date(modified * 1000).toISOString(),
    bytes: size,
    sha256,
    rows_read: rows.read,
    accepted: rows.accepted,
    duplicate: rows.duplicate,
    superseded: rows.superseded,
    deleted: rows.deleted,
    quarantined: rows.quarantined,
    erased: rows.erased ?? 0,
    refused: refused?.reason ?? null,
    message: refused?.message ?? null,
    reasons,
    repairs,
    drift,
    silver_file: silver,
    quarantine_file: quarantine,
  };
}

function commitRow({ seq, committed_at, run_id, objects, gold, rates }: Commit): object {
  return {
    seq,
    committed_at,
    run_id,
    added: objects.added.length,
    replaced: objects.replaced.length,
    remade: objects.remade.length,
    removed: objects.removed.length,
    gold_day: gold?.day ?? null,
    customers: gold?.customers ?? 0,
    total_aud: gold?.total ?? '0.00',
    gold_digest: gold?.digest ?? null,
    rates_newest: rates.newest,
  };
}
