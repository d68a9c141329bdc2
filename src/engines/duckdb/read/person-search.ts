import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { BronzeResult, Workspace } from '../../../lake/ports/engine.ts';
import {
  type PersonSearch,
  type FoundRow,
  type Others,
  purchaseName,
} from '../../../lake/ports/person-search.ts';
import type { DataFile } from '../../../lake/ledger/records.ts';
import { storeFile } from '../../../lake/files/store-file.ts';
import { bronzeToSilver } from '../bronze/bronze-to-silver.ts';
import { mustNotCollide } from '../gold/customer-keys.ts';
import { openWorkers } from '../workers.ts';
import { openVersions } from '../gold/live-versions.ts';
import type { BatchContext, BatchRows } from '../bronze/rows.ts';
import { parquet } from '../files.ts';
import { writeParquet } from '../parquet.ts';
import { loadTable } from '../relation.ts';
import { foundIn, loadTexts } from './person-rows.ts';
import { type DuckdbOptions, openSession, type Session } from '../session.ts';
import { filesWithStaleRows } from './stale-rows.ts';
import { openObjects } from '../lake-files.ts';
import { SILVER_COLUMNS } from '../../../medallion/layers.ts';

const noOthers = (): Others => ({ emails: new Set(), purchases: new Set() });

/** Searches people with DuckDB, in process; reads bronze exactly as the engine does. */
export function duckdbPersonSearch(options: DuckdbOptions): PersonSearch {
  return {
    async mustNotCollide(workspace, lake, except) {
      if (lake.keys.files.length === 0) return;
      await using session = await openSession({ ...options, ...workspace });
      const live = await openVersions(session, workspace, lake);
      const excepted = await loadTexts(session, 'excepted_objects', except);
      const condition = `object_key not in (from ${excepted})`;
      await mustNotCollide(session, live, live.stored, condition);
    },
    async rows(workspace, task, wanted) {
      const rows: FoundRow[] = [];
      const others = noOthers();
      if (task.objects.length === 0) return { rows, others };
      await mkdir(workspace.scratch, { recursive: true });
      await using workers = await openWorkers(options, workspace, task.objects.length);
      const use = async (step: BatchContext, batch: BatchRows): Promise<BronzeResult> => {
        const found = await foundIn(step, batch, wanted);
        rows.push(...found.rows);
        for (const email of found.others.emails) others.emails.add(email);
        for (const purchase of found.others.purchases) others.purchases.add(purchase);
        return { objects: batch.records, files: [] };
      };
      await bronzeToSilver(workers, { name: 'finder', use }, workspace, task, options.streamFrom);
      return { rows, others };
    },
    async others(workspace, live, asked, isWanted) {
      if (live.length === 0 || asked.emails.length + asked.purchases.length === 0)
        return noOthers();
      await mkdir(workspace.scratch, { recursive: true });
      await using session = await openSession({ ...options, ...workspace });
      return await othersInSilver(session, workspace, live, asked, isWanted);
    },
    async stale(workspace, files, of) {
      if (files.length === 0) return [];
      await mkdir(workspace.scratch, { recursive: true });
      await using session = await openSession({ ...options, ...workspace });
      return await filesWithStaleRows(session, workspace, files, of);
    },
    async without(workspace, files, customers, key) {
      await using session = await openSession({ ...options, ...workspace });
      return await without(session, workspace, files, customers, key);
    },
  };
}

async function othersInSilver(
  session: Session,
  workspace: Workspace,
  live: Parameters<PersonSearch['others']>[1],
  { emails, purchases }: Parameters<PersonSearch['others']>[2],
  isWanted: Parameters<PersonSearch['others']>[3],
): Promise<Others> {
  const silver = await openObjects(session, workspace, 'live_silver', SILVER_COLUMNS, live);
  const askedEmails = await loadTexts(session, 'asked_emails', emails);
  const askedPurchases = await loadTable(
    session,
    'asked_purchases',
    { source: 'varchar', purchase_id: 'varchar' },
    purchases.map(([source, purchase_id]) => ({ source, purchase_id })),
  );
  const found =
    await session.rows(`select distinct s.source, cast(s.customer_id as varchar) as id, s.customer_key as key,
  case when s.email in (from ${askedEmails}) then s.email end as email,
  case when p.purchase_id is not null then s.purchase_id end as purchase_id
from ${silver} s
left join (select distinct * from ${askedPurchases}) p on p.source = s.source and p.purchase_id = s.purchase_id
where (s.customer_id is not null or s.customer_key is not null) and (s.email in (from ${askedEmails}) or p.purchase_id is not null)`);
  const others = noOthers();
  for (const { source, id, key, email, purchase_id } of found) {
    if (isWanted(id ?? null, key ?? null)) continue;
    if (typeof email === 'string') others.emails.add(email);
    if (typeof purchase_id === 'string')
      others.purchases.add(purchaseName(source ?? '', purchase_id));
  }
  return others;
}

async function without(
  session: Session,
  { store, scratch }: Workspace,
  files: readonly DataFile[],
  customers: readonly number[],
  key: string,
): Promise<DataFile | undefined> {
  if (files.length === 0) return undefined;
  const relation = parquet(
    session,
    await Promise.all(files.map((file) => store.local(file.key, scratch))),
  );
  const [named] = await session.rows(
    `select count(*) as n from ${relation} where customer_id in (${customers.join(', ')})`,
  );
  if (Number(named?.['n'] ?? 0) === 0) return undefined;
  const path = join(scratch, 'without.parquet');
  const rows = await writeParquet(
    session,
    `select * from ${relation} where customer_id not in (${customers.join(', ')})`,
    path,
  );
  return storeFile({ store, scratch }, { path, key, rows });
}
