import { BronzeChanged } from '../../../errors.ts';
import { BRONZE } from '../../../lake/layout.ts';
import type { BronzeToSilverInput, BronzeResult, Workspace } from '../../../lake/ports/engine.ts';
import { type Batch, inBatches } from './batches.ts';
import { csvRows } from './csv-batch.ts';
import { PLAIN_LINES_SETTINGS } from './csv-sql.ts';
import { readJson } from './json-batch.ts';
import { isJson } from './members.ts';
import { prepare, type Prepared } from './prepare.ts';
import type { BatchContext } from './rows.ts';
import { recentRates, recentRatesOnce } from '../silver/rates.ts';
import { writeBatch } from '../silver/write-batch.ts';
import type { Session } from '../session.ts';
import { type Workers, overWorkers } from '../workers.ts';

/**
 * Reads every object of the task in batches, one for each worker at a time, and calls `use` with
 * each batch. Error: `BronzeChanged`.
 */
export async function bronzeToSilver(
  workers: Workers,
  { name, use = writeBatch }: { name: string; use?: BatchContext['use'] },
  workspace: Workspace,
  task: BronzeToSilverInput,
  streamFrom?: number,
): Promise<BronzeResult> {
  const [oldest] = task.objects.map(({ ingestionDate }) => ingestionDate).toSorted();
  if (oldest === undefined) return { objects: [], files: [] };
  const rates =
    workers.sessions.length === 1
      ? (session: Session) => recentRates(session, task.rates, oldest)
      : recentRatesOnce(task.rates, oldest, workspace.scratch);
  const written = await overWorkers(
    workers,
    inBatches(preparedObjects(workspace, task)),
    async (session, batch) => {
      const step = { session, workspace, task, engine: name, streamFrom, use };
      const result = await withMoreMemory(session, () => readBatch(step, batch));
      await mustBeUnchanged(workspace, batch);
      workspace.onProgress({
        rows: result.objects.reduce((sum, { rows }) => sum + rows.read, 0),
        bytes: batch.members.reduce((sum, { bytes }) => sum + bytes, 0),
      });
      return result;
    },
    (session) => prepareSession(session, rates),
  );
  return {
    objects: written.flatMap(({ objects }) => objects),
    files: written.flatMap(({ files }) => files),
  };
}

/**
 * Repeats a read that ran out of memory with a higher limit: a row of tens of megabytes needs many
 * times its size at once and cannot spill.
 */
async function withMoreMemory<Result>(
  session: Session,
  read: () => Promise<Result>,
): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('Out of Memory Error'))) throw error;
  }
  const [before] = await session.rows(`select current_setting('memory_limit') as most`);
  await session.run(`set memory_limit = '${MOST_MEMORY}'`);
  const result = await read();
  await session.run(`set memory_limit = '${before?.['most']}'`);
  return result;
}

const MOST_MEMORY = '4GB';

async function prepareSession(
  session: Session,
  rates: (session: Session) => Promise<void>,
): Promise<void> {
  for (const setting of PLAIN_LINES_SETTINGS) await session.run(setting);
  // DuckDB estimates one row for a file of a million lines and would hash that side: the right side
  // of each join is the small table.
  await session.run(`set disabled_optimizers = 'join_order,build_side_probe_side'`);
  await rates(session);
}

async function* preparedObjects(
  workspace: Workspace,
  task: BronzeToSilverInput,
): AsyncGenerator<Prepared> {
  for (const object of task.objects) {
    workspace.signal.throwIfAborted();
    yield await prepare(workspace, task.limits, object);
  }
}

async function readBatch(step: BatchContext, batch: Batch): Promise<BronzeResult> {
  const [first] = batch.members;
  if (first === undefined || first.kind === 'done')
    return { objects: batch.members.map(({ record }) => record), files: [] };
  if (first.kind === 'json') return readJson(step, first.source, batch.members.filter(isJson));
  return step.use(step, await csvRows(step, batch, first));
}

/** Checks that no object was overwritten while it was read. Error: `BronzeChanged`. */
async function mustBeUnchanged(workspace: Workspace, batch: Batch): Promise<void> {
  for (const { object } of batch.members) {
    const now = await workspace.store.head(`${BRONZE}${object.key}`);
    if (now?.etag !== object.etag)
      throw new BronzeChanged(`${object.key} changed while it was read.`, {
        hint: 'The run plans again with the current objects.',
      });
  }
}
