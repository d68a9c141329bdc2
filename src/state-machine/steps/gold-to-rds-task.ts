import { readFile } from 'node:fs/promises';

import { loadSql } from '../../engines/spark/gold-sql.ts';
import { loadTask } from '../../engines/spark/tasks.ts';
import type { Step } from '../run-state.ts';
import { atWork, type StepDeps } from './deps.ts';
import { writeTask } from './job-task.ts';
import { loadWork } from './load-work.ts';

/**
 * Writes the task of the job that stages the load. Without a cluster, the states run the steps
 * themselves.
 */
export function goldToRdsTaskStep(deps: StepDeps): Step {
  return async (state, context) => {
    const { cluster } = deps;
    if (cluster === undefined) return state;
    return atWork(deps, state, context, async (workspace) => {
      const work = await loadWork(deps, workspace, state.run_id);
      if (work === undefined) return state;
      const { before, after, load } = work;
      const keys = (files: readonly { key: string }[]): string[] => files.map(({ key }) => key);
      const task = loadTask(
        loadSql(before !== null),
        before === null ? null : keys(before),
        keys(after),
      );
      await writeTask(deps.store, state.run_id, 'gold-to-rds', {
        ...task,
        load,
        reads: after,
        authorities: await textOf(cluster.authorities),
      });
      return { ...state, seq: load.toSeq };
    });
  };
}

/**
 * Certificates are not secret, and a job does not have the file: they travel with its task. Without
 * them the job trusts its machine's authorities.
 */
async function textOf(path: string | undefined): Promise<string | null> {
  if (path === undefined) return null;
  return readFile(path, 'utf8').catch(() => null);
}
