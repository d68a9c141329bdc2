import { readFile } from 'node:fs/promises';

import { loadSql } from '../../engines/spark/gold-sql.ts';
import { loadTask } from '../../engines/spark/tasks.ts';
import type { Step } from '../run-state.ts';
import { atWork, type StepDeps } from './deps.ts';
import { writeTask } from './job-task.ts';
import { loadWork } from './load-work.ts';

/**
 * Tells the job that follows what to stage. Where no cluster runs jobs, their states run the steps
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
 * Certificates are no secret, and a job has no such file: they travel with its task. Without any
 * the job goes by what its machine trusts.
 */
async function textOf(path: string | undefined): Promise<string | null> {
  if (path === undefined) return null;
  return readFile(path, 'utf8').catch(() => null);
}
