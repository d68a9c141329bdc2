import { runKey } from '../../lake/layout.ts';
import type { RatesFile } from '../../lake/ports/engine.ts';
import type { Store } from '../../lake/ports/store.ts';

/**
 * The settings that a cluster's jobs receive. Their tasks name objects and files by key; each job
 * knows its lake.
 */
export type Cluster = {
  /**
   * A local file of certificate authorities with which a job checks the serving database's
   * certificate.
   */
  authorities?: string;
};

export type Job = 'bronze-to-silver' | 'silver-to-gold' | 'gold-to-rds';

/**
 * Writes the task of a job next to the run's manifest, where `glue/purchases_spark/job.py` reads
 * it.
 */
export const writeTask = (store: Store, runId: string, job: Job, task: object): Promise<void> =>
  store.put(runKey(runId, `${job}-task`), Buffer.from(`${JSON.stringify(task)}\n`));

/**
 * Copies the rates to an object of the run: a job cannot read the planner's local files. The object
 * is named by its digest, so no other try of Plan can replace the rates that a task names.
 */
export async function ratesForJob(
  store: Store,
  runId: string,
  rates: RatesFile,
): Promise<RatesFile> {
  const manifest = runKey(runId, 'rates');
  const ending = rates.path.endsWith('.gz') ? '.csv.gz' : '.csv';
  const key = manifest.replace(/\.json$/, `-${rates.digest.slice(0, 16)}${ending}`);
  await store.put(key, { file: rates.path });
  return { ...rates, path: key };
}
