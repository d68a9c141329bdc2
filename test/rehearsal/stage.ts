import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CreateDatabaseCommand, GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { type ExecutionListItem, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, type Message, SQSClient } from '@aws-sdk/client-sqs';
import { buildLambdas } from '../../scripts/build-lambdas.ts';
import { type Cloud, startCloud } from '../servers/moto.ts';
import type { TestServer } from '../servers/process.ts';
import { startBridge } from './bridge.ts';
import { createBucket, createMachine, createQueues, LAKE, statesOf } from './resources.ts';
import { type Runtime, startRuntime } from './runtime.ts';
import { type FunctionSpec, type Sandboxes, sandboxes } from './sandboxes.ts';

const CATALOG = 'purchases';

/** State or role, and the file of its handler. */
const HANDLERS: Record<string, [folder: 'light' | 'duckdb', file: string]> = {
  Trigger: ['light', 'lambda_trigger_step_function'],
  Sweep: ['light', 'sweep'],
  FetchRates: ['light', 'fetch-rates'],
  Plan: ['duckdb', 'plan'],
  BronzeToSilver: ['duckdb', 'bronze-to-silver'],
  SilverToGold: ['duckdb', 'silver-to-gold'],
  Commit: ['light', 'commit'],
  Publish: ['light', 'publish'],
  GoldToRds: ['duckdb', 'gold-to-rds'],
  UpsertSync: ['light', 'lambda_upsert_sync'],
  NotifyFailure: ['light', 'notify-failure'],
};

export type Bundles = { light: string; duckdb: string };

/** The bundles that are deployed, in a folder of their own. */
export async function buildBundles(config?: object): Promise<Bundles & AsyncDisposable> {
  const out = await mkdtemp(join(tmpdir(), 'rehearsal-lambda-'));
  const bundles = await buildLambdas({ out, ...(config === undefined ? {} : { config }) });
  return { ...bundles, [Symbol.asyncDispose]: () => rm(out, { recursive: true, force: true }) };
}

export type StageOptions = {
  bundles: Bundles;
  postgres: TestServer;
  /** Variables beside those that the stack sets. */
  env?: Record<string, string>;
  /** What becomes of messages between the queue and the trigger. */
  tamper?: (messages: Message[]) => Message[][];
};

/** The pipeline, deployed into a cloud on this machine. */
export type Stage = AsyncDisposable & {
  cloud: Cloud;
  s3: S3Client;
  sqs: SQSClient;
  glue: GlueClient;
  functions: Sandboxes;
  runtime: Runtime;
  database: string;
  warehouse: string;
  queue: { url: string };
  queueDepth(which: 'bronze' | 'dead'): Promise<number>;
  executions(): Promise<ExecutionListItem[]>;
  /** The states that an execution entered, in order. */
  states(name: string): Promise<string[]>;
  sweep(time: string): Promise<void>;
  /** Waits until the queue is empty and no execution runs. Error: where that takes more than the seconds. */
  settled(seconds?: number): Promise<void>;
};

/** Deploys the pipeline: each resource as the stack has it, each function as a process with the stack's variables. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const runtime = await startRuntime();
  const cloud = await startCloud(runtime.url);
  const clients = {
    s3: new S3Client(cloud.client),
    sqs: new SQSClient(cloud.client),
    glue: new GlueClient(cloud.client),
  };
  const sfn = new SFNClient(cloud.client);
  const database = `rds_${randomBytes(4).toString('hex')}`;
  const warehouse = await options.postgres.createDatabase(database);
  const queues = await createQueues(clients.sqs);
  await createBucket(clients.s3, queues.bronze.arn);
  await clients.glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: CATALOG } }));
  const machine = await createMachine(sfn);
  const functions = deployed(options, cloud, { machine, warehouse });
  runtime.invoke = functions.invoke;
  const bridge = startBridge({
    client: clients.sqs,
    queueUrl: queues.bronze.url,
    queueArn: queues.bronze.arn,
    batchSize: 100,
    invoke: (event) => functions.invoke('Trigger', event),
    ...(options.tamper === undefined ? {} : { tamper: options.tamper }),
  });
  const opened = [bridge, functions, cloud, runtime];
  return {
    ...clients,
    ...observer(clients.sqs, sfn, { queues, machine }),
    cloud,
    functions,
    runtime,
    database,
    warehouse,
    queue: queues.bronze,
    async sweep(time) {
      const { body, failed } = await functions.invoke('Sweep', JSON.stringify({ time }));
      if (failed) throw new Error(body);
    },
    async [Symbol.asyncDispose]() {
      for (const each of opened) await each[Symbol.asyncDispose]();
    },
  };
}

function deployed(
  { bundles, env }: StageOptions,
  cloud: Cloud,
  { machine, warehouse }: { machine: string; warehouse: string },
): Sandboxes {
  const variables = {
    PURCHASES_LAKE: LAKE,
    PURCHASES_WAREHOUSE: warehouse,
    PURCHASES_CATALOG: CATALOG,
    PURCHASES_STATE_MACHINE: machine,
    POWERTOOLS_SERVICE_NAME: 'purchases',
    POWERTOOLS_METRICS_NAMESPACE: 'CustomerPurchases',
    ...env,
  };
  const specs = Object.entries(HANDLERS).map(([name, [folder, file]]): FunctionSpec => ({
    name,
    folder: bundles[folder],
    handler: `${file}.handler`,
    timeoutSeconds: 120,
    memoryMb: folder === 'light' ? 256 : 1024,
    env: variables,
  }));
  return sandboxes(specs, { node: process.execPath, env: cloud.env });
}

type Watched = { queues: Awaited<ReturnType<typeof createQueues>>; machine: string };

/** What can be seen of the pipeline at work. */
function observer(sqs: SQSClient, sfn: SFNClient, { queues, machine }: Watched) {
  async function queueDepth(which: 'bronze' | 'dead'): Promise<number> {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queues[which].url, AttributeNames: ['All'] }),
    );
    const count = (name: string): number =>
      Number(new Map(Object.entries(Attributes)).get(`ApproximateNumberOf${name}`));
    return count('Messages') + count('MessagesNotVisible');
  }
  async function executions(): Promise<ExecutionListItem[]> {
    const answer = await sfn.send(new ListExecutionsCommand({ stateMachineArn: machine }));
    return answer.executions ?? [];
  }
  async function isIdle(): Promise<boolean> {
    if ((await queueDepth('bronze')) > 0) return false;
    return (await executions()).every(({ status }) => status !== 'RUNNING');
  }
  return {
    queueDepth,
    executions,
    states: (name: string) => statesOf(sfn, machine, name),
    async settled(seconds = 120): Promise<void> {
      const end = Date.now() + seconds * 1000;
      // Twice in a row: a message may be between the queue and the machine.
      for (let idle = 0; idle < 2; await setTimeout(400)) {
        idle = (await isIdle()) ? idle + 1 : 0;
        if (Date.now() > end) throw new Error(`The pipeline was not idle within ${seconds} s.`);
      }
    },
  };
}
