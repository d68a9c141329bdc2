import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { version } from '@duckdb/node-api';

import type { Engine, RatesFile, Workspace } from '../../lake/ports/engine.ts';
import type { DataFile } from '../../lake/ledger/records.ts';
import { goldDifference } from '../../medallion/gold/gold-to-staging.ts';
import { GOLD_COLUMNS } from '../../medallion/layers.ts';
import { lookedUpOtherwise } from '../../medallion/rates.ts';
import { bronzeToSilver } from './bronze/bronze-to-silver.ts';
import { copyTo, parquet } from './files.ts';
import { storedRows } from './lake-files.ts';
import { openWorkers } from './workers.ts';
import { allRates } from './silver/rates.ts';
import { type DuckdbOptions, openSession, type Session } from './session.ts';
import { silverToGold } from './gold/silver-to-gold.ts';

/**
 * Runs the rules on DuckDB, in process: the engine of a laptop, and of a Lambda for small batches.
 */
export function duckdbEngine(options: DuckdbOptions): Engine {
  const name = `duckdb ${version()}`;
  const open = async ({ scratch, signal }: Workspace): Promise<Session> => {
    await mkdir(scratch, { recursive: true });
    return openSession({ ...optionsOfStep(options, scratch), scratch, signal });
  };
  return {
    name,
    async bronzeToSilver(workspace, task) {
      await mkdir(workspace.scratch, { recursive: true });
      await using workers = await openWorkers(
        optionsOfStep(options, workspace.scratch),
        workspace,
        task.objects.length,
      );
      return await bronzeToSilver(workers, { name }, workspace, task, options.streamFrom);
    },
    async objectsWithStaleRates(workspace, files, rates) {
      await using session = await open(workspace);
      return await objectsWithStaleRates(session, workspace, files, rates);
    },
    async silverToGold(workspace, task) {
      await using session = await open(workspace);
      return await silverToGold(session, workspace, task);
    },
    async goldToStaging(workspace, before, after) {
      await using session = await open(workspace);
      return await goldToStaging(session, workspace, before, after);
    },
    async close() {},
  };
}

/** Puts a step's profiles below a folder named like its scratch folder: after state and attempt. */
const optionsOfStep = (options: DuckdbOptions, scratch: string): DuckdbOptions =>
  options.profiles === undefined
    ? options
    : { ...options, profiles: join(options.profiles, basename(scratch)) };

/**
 * Keys of objects with a row whose recorded rate differs from the rate in `rates`, rows without a
 * recorded rate included.
 */
async function objectsWithStaleRates(
  session: Session,
  workspace: Workspace,
  files: { silver: string[]; quarantine: string[] },
  rates: RatesFile,
): Promise<string[]> {
  await allRates(session, rates);
  const lookups = await Promise.all(
    [...files.silver, ...files.quarantine].map(
      async (key) =>
        `select object_key, currency, purchase_date, rate, rate_date from ${parquet(session, [await workspace.store.local(key, workspace.scratch)])}`,
    ),
  );
  if (lookups.length === 0) return [];
  const rows = await session.rows(lookedUpOtherwise(`(${lookups.join(' union all ')})`));
  return rows.map(({ object_key }) => object_key ?? '');
}

const LOAD_FORMAT = `format csv, header false, force_quote (full_name, email, operation), nullstr ''`;

async function goldToStaging(
  session: Session,
  workspace: Workspace,
  before: DataFile[] | null,
  after: DataFile[],
): Promise<{ path: string; rows: number }> {
  const relationOf = (files: DataFile[]): Promise<string> =>
    storedRows(
      session,
      workspace,
      files.map(({ key }) => key),
      GOLD_COLUMNS,
    );
  const path = join(workspace.scratch, 'load.csv');
  const select = goldDifference(
    before === null ? undefined : await relationOf(before),
    await relationOf(after),
  );
  const [row] = await session.rows(copyTo(session, select, path, LOAD_FORMAT));
  return { path, rows: Number(row?.['Count'] ?? 0) };
}
