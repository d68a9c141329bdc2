import { runKey } from '../../lake/layout.ts';
import type { RatesFile } from '../../lake/ports/engine.ts';
import type { Store } from '../../lake/ports/store.ts';

/**
 * What a cluster's jobs are told of the place. Their tasks name objects and files by key; each job
 * knows the lake that it serves.
 */
export type Cluster = {
  /**
   * A local file of certificate authorities by which a job checks the serving database's
   * certificate.
   */
  authorities?: string;
};

export type Job = 'bronze-to-silver' | 'silver-to-gold' | 'gold-to-rds';

/**
 * Leaves what a job has to do beside the run's manifest, where `glue/purchases_spark/job.py` reads
 * it.
 */
export const writeTask = (store: Store, runId: string, job: Job, task: object): Promise<void> =>
  store.put(runKey(runId, `${job}-task`), Buffer.from(`${JSON.stringify(task)}\n`));

/**
 * The rates as an object of the run: a job cannot read the files of whoever planned it. Named by
 * their digest, so that no other try of Plan puts other rates in the place of those that a task
 * names.
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
