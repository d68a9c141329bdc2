import { readFile } from 'node:fs/promises';
import type { FunctionNode } from './lambda-node.ts';

type Stage = { stage: string; real: string; standIn: string; notAtAll: string };

/**
 * The parts of each stage of the pipeline in a rehearsal: real, stand-in or absent. Kept next to
 * the tests that it describes.
 */
const STAGES = {
  upload: {
    stage: 'upload to bronze',
    real: 'the objects, the SDK, conditional writes, versions',
    standIn: 'S3: moto, its writes under one lock',
    notAtAll: "S3's own atomicity, throttling and consistency; KMS, bucket policy, lifecycle",
  },
  events: {
    stage: 'S3 event, queue',
    real: 'prefix filter, visibility, redrive to the dead letter queue, documented shapes of notices',
    standIn:
      'S3 notification and SQS: moto; the mapping to Lambda: a bridge in the test, which redelivers failed messages at once',
    notAtAll: "the mapping's own limits of time and concurrency, FIFO, events of a real account",
  },
  starters: {
    stage: 'trigger, sweep',
    real: 'the deployed bundles, StartExecution by deterministic names',
    standIn: "Lambda: a Node process a sandbox; the schedule's call is made by the test",
    notAtAll: 'IAM, cold starts of Lambda, EventBridge',
  },
  machine: {
    stage: 'Step Functions',
    real: 'the deployed definition with its substitutions: Choice, Retry, Catch, time limits',
    standIn: "the interpreter: moto's",
    notAtAll: 'quotas, logging, tracing, the redrive of one execution (a replay was run)',
  },
  lambda: {
    stage: 'Plan … Commit on Lambda',
    real: 'the deployed bundles with DuckDB, JSON in and out, time limits',
    standIn: 'Lambda: a Node process a sandbox',
    notAtAll: "Lambda's memory and disk limits, Amazon Linux",
  },
  glue: {
    stage: 'BronzeToSilver, SilverToGold, GoldToRds on Glue',
    real: 'the Choice by bytes, startJobRun.sync, the deployed scripts, library and arguments, Spark 3.5.4, the append by JDBC',
    standIn:
      "Glue: spark-submit with two local threads; Spark's own files of S3: a folder, copied by the scripts' calls of S3",
    notAtAll: "Glue's file system for S3, workers, scaling, connection, encryption and metrics",
  },
  catalog: {
    stage: 'Glue Data Catalog',
    real: 'every call of Publish',
    standIn: "the catalog: moto's",
    notAtAll: "optimistic locking by VersionId; Athena's planner and permissions",
  },
  database: {
    stage: 'RDS staging, upsert',
    real: 'PostgreSQL, COPY, the upsert transaction, migrations, the login by the stored secret',
    standIn: "RDS: a server on this machine; Secrets Manager: moto's",
    notAtAll: 'VPC, endpoints, TLS to RDS, rotation, failover',
  },
  weather: {
    stage: 'bad days',
    real: 'events lost, late, up to five times and in any order; poison; functions killed after their work; runs side by side',
    standIn:
      'busy S3, Step Functions, Lambda and Glue: responses of a test front end, which throttles as AWS documents it',
    notAtAll: 'failing zones and networks, quotas of an account',
  },
  failure: {
    stage: 'failure notice',
    real: 'NotifyFailure and its metric in the log',
    standIn: '',
    notAtAll: 'CloudWatch alarms, SNS, dashboard',
  },
} as const satisfies Record<string, Stage>;

export type StageName = keyof typeof STAGES;

/** Records passed from the tests to the final account: what was exercised, or a line to print. */
export const exercisedLine = (name: StageName): string => `stage ${name}`;
export const printedLine = (text: string): string => `print ${text}`;

/**
 * The account of a rehearsal, from the lines that its tests left: for each stage what was real,
 * what was a stand-in, and what was missing.
 */
export async function account(file: string, node: FunctionNode): Promise<string> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  const stages = Object.entries(STAGES).flatMap(([name, { stage, real, standIn, notAtAll }]) =>
    lines.includes(exercisedLine(name as StageName))
      ? [
          stage,
          `  real        ${real}`,
          ...(standIn === '' ? [] : [`  stand-in    ${standIn}`]),
          `  not at all  ${notAtAll}`,
        ]
      : [stage, '  not at all  no test of it ran to its end'],
  );
  const printed = lines.filter((line) => line.startsWith('print ')).map((line) => line.slice(6));
  const title = 'The pipeline of AWS, as it was rehearsed';
  return ['', title, ...stages, '', nodeLine(node), ...printed, ''].join('\n');
}

const nodeLine = ({ version, insteadBecause }: FunctionNode): string =>
  insteadBecause === undefined
    ? `functions: on Node ${version}, as Lambda runs them`
    : `functions: on Node ${version}, NOT on the Node of Lambda (${insteadBecause})`;
