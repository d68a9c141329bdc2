import { runLocally } from '../../src/state-machine/local-host.ts';
import {
  initialRunState,
  type RunState,
  type Step,
  type Steps,
} from '../../src/state-machine/run-state.ts';
import type { StepDeps } from '../../src/state-machine/steps/deps.ts';
import { createSteps } from '../../src/state-machine/steps/index.ts';
import type { Script, SparkJobs } from './spark-jobs.ts';

/** A lake whose heavy steps all run as jobs. */
export type JobLake = {
  /** The lake's location as given to a job: a folder, or s3: bucket/prefix. */
  lake: string;
  deps: StepDeps;
  /** The serving database with its password, which a job reads from its environment. */
  url: string;
  /** A file of certificate authorities, of the function before the job. */
  authorities?: string;
  /** If Spark has no file system for S3, a local folder in its place. */
  scratch?: string;
};

/**
 * The pipeline's own steps, except for the three that the scripts do as under Glue: a job receives
 * its arguments alone.
 */
export function jobSteps(spark: Pick<SparkJobs, 'run'>, place: JobLake): Steps {
  const job =
    (script: Script, more: Record<string, string> = {}): Step =>
    async (state) => {
      const { run_id, manifest } = state;
      const given = { JOB_NAME: script, lake: place.lake, run_id, manifest, ...more };
      const { scratch } = place;
      const { failure } = await spark.run(script, {
        ...given,
        ...(scratch === undefined ? {} : { scratch }),
      });
      if (failure !== null) throw new Error(failure);
      return state;
    };
  const { authorities } = place;
  const cluster = authorities === undefined ? {} : { authorities };
  const deps = { ...place.deps, clusterBytes: -1, cluster };
  return {
    ...createSteps(deps),
    BronzeToSilver: job('bronze_to_silver_job.py'),
    SilverToGold: job('silver_to_gold_job.py'),
    GoldToRds: job('gold_to_rds_job.py', { warehouse: withoutPassword(place.url) }),
  };
}

/** A run of the state machine. */
export async function runByJobs(steps: Steps, runId: string): Promise<RunState> {
  const { output } = await runLocally({
    steps,
    input: initialRunState(runId, 'test'),
    signal: new AbortController().signal,
    onEvent: () => {},
    now: () => Date.now(),
    retryMs: 1,
  });
  return output;
}

/** The states that bring the serving table to the newest commit, up to the upsert. */
export async function stageByJob(steps: Steps, runId: string): Promise<RunState> {
  let state = initialRunState(runId, 'test');
  for (const stateName of ['GoldToRdsTask', 'GoldToRds'] as const)
    state = await steps[stateName](state, { stateName, signal: new AbortController().signal });
  return state;
}

function withoutPassword(url: string): string {
  const place = new URL(url);
  place.password = '';
  return place.href;
}
