import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { type Message, SQSClient } from '@aws-sdk/client-sqs';
import { inject } from 'vitest';
import { type Cloud, startCloud } from '../servers/moto.ts';
import type { TestServer } from '../servers/process.ts';
import { startBridge } from './bridge.ts';
import { type Observer, observer } from './observer.ts';
import { raise, type Raised } from './deploy-template.ts';
import { startRuntime } from './runtime.ts';
import { type Sandboxes, sandboxes } from './sandboxes.ts';
import { type SparkJobs, sparkJobs } from './spark-jobs.ts';
import type { Template } from './template.ts';

export type StageOptions = {
  template: Template;
  postgres: TestServer;
  /** Environment variables of the functions that replace the template's. */
  env?: Record<string, string>;
  /** Faults of messages between the queue and the trigger. */
  tamper?: (messages: Message[]) => Message[][];
  /** A folder in which the jobs of Glue run; without one a job fails. */
  jobsIn?: string;
};

/** The pipeline, deployed into a cloud on this machine. */
export type Stage = AsyncDisposable &
  Observer & {
    cloud: Cloud;
    s3: S3Client;
    sqs: SQSClient;
    sfn: SFNClient;
    raised: Raised;
    functions: Sandboxes;
    jobs: SparkJobs | undefined;
    database: string;
    /** Fires the schedule of the sweep. */
    sweep(time: string): Promise<void>;
    /** Fires the schedule of the exchange rates. */
    fetchRates(): Promise<void>;
  };

/** As the template names it. */
const DATABASE = 'serving';

/**
 * Deploys the template: its resources are created in the local cloud, its functions are processes,
 * its database is a PostgreSQL server.
 */
export async function openStage(options: StageOptions): Promise<Stage> {
  const { postgres, env = {}, tamper } = options;
  const runtime = await startRuntime();
  const cloud = await startCloud(runtime.url);
  await postgres.sql('postgres', `DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
  await postgres.createDatabase(DATABASE);
  const raised = await raise(options.template, cloud, { server: postgres, database: DATABASE });
  const specs = raised.functions.map((spec) => ({ ...spec, env: { ...spec.env, ...env } }));
  const functions = sandboxes(specs, { node: inject('node').path, env: cloud.env });
  runtime.invoke = functions.invoke;
  const { jobsIn } = options;
  const jobs = jobsIn === undefined ? undefined : await sparkJobs({ cloud, raised }, jobsIn);
  if (jobs !== undefined) runtime.runJob = jobs.runJob;
  const sqs = new SQSClient(cloud.client);
  const { mapping, queues } = raised;
  if (!mapping.reportsFailures) throw new Error('the mapping ignores which messages failed');
  const bridge = startBridge({
    client: sqs,
    queueUrl: queues.uploads,
    queueArn: mapping.queueArn,
    batchSize: mapping.batchSize,
    invoke: (event) => functions.invoke(mapping.function, event),
    ...(tamper === undefined ? {} : { tamper }),
  });
  const opened = [bridge, functions, ...(jobs === undefined ? [] : [jobs]), cloud, runtime];
  const sfn = new SFNClient(cloud.client);
  // The functions that were called, and all job output so far.
  const calls = (): number =>
    [
      ...functions.calls.values(),
      ...(jobs?.runs ?? []).map(({ printed }) => printed.length),
    ].reduce((sum, count) => sum + count, 0);
  async function call(handler: string, event: object): Promise<void> {
    const name = specs.find((spec) => spec.handler === handler)?.name ?? '';
    const { body, failed } = await functions.invoke(name, JSON.stringify(event));
    if (failed) throw new Error(body);
  }
  return {
    ...observer(sqs, sfn, { ...raised, calls }),
    cloud,
    s3: new S3Client(cloud.client),
    sqs,
    sfn,
    raised,
    functions,
    jobs,
    database: DATABASE,
    sweep: (time) => call('sweep.handler', { time }),
    fetchRates: () => call('fetch-rates.handler', {}),
    async [Symbol.asyncDispose]() {
      for (const each of opened) await each[Symbol.asyncDispose]();
    },
  };
}
