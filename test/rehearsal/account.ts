type Stage = { stage: string; real: string; standIn: string; notAtAll: string };

/** What each stage of the pipeline was made of in a rehearsal. Kept beside the tests that it speaks of. */
const STAGES: readonly Stage[] = [
  {
    stage: 'upload to bronze',
    real: 'the objects, the SDK, conditional writes, versions',
    standIn: 'S3: moto, its writes under one lock',
    notAtAll: "S3's own atomicity, throttling and consistency; KMS, bucket policy, lifecycle",
  },
  {
    stage: 'S3 event, queue',
    real: 'prefix filter, visibility, redrive to the dead letter queue, documented shapes of notices',
    standIn: 'S3 notification and SQS: moto; the mapping to Lambda: a bridge of ours',
    notAtAll: "the mapping's own limits of time and concurrency, FIFO, events of a real account",
  },
  {
    stage: 'trigger, sweep',
    real: 'the deployed bundles, StartExecution by deterministic names',
    standIn: "Lambda: a Node process a sandbox; the schedule's call is made by the test",
    notAtAll: 'IAM, cold starts of Lambda, EventBridge',
  },
  {
    stage: 'Step Functions',
    real: 'the deployed definition with its substitutions: Choice, Retry, Catch, time limits',
    standIn: "the interpreter: moto's",
    notAtAll: 'quotas, logging, tracing, the redrive of one execution (a replay was run)',
  },
  {
    stage: 'Plan … Commit on Lambda',
    real: 'the deployed bundles with DuckDB, killed after their work and called again',
    standIn: 'Lambda: a Node process a sandbox',
    notAtAll: "Lambda's memory and disk limits, Amazon Linux",
  },
  {
    stage: 'Glue Data Catalog',
    real: 'every call of Publish, throttled too',
    standIn: "the catalog: moto's",
    notAtAll: "optimistic locking by VersionId; Athena's planner and permissions",
  },
  {
    stage: 'RDS staging, upsert',
    real: 'PostgreSQL, COPY, the upsert transaction, migrations, the login by the stored secret',
    standIn: "RDS: a server on this machine; Secrets Manager: moto's",
    notAtAll: 'VPC, endpoints, TLS to RDS, rotation, failover',
  },
  {
    stage: 'failure notice',
    real: 'NotifyFailure and its metric in the log',
    standIn: '',
    notAtAll: 'CloudWatch alarms, SNS, dashboard',
  },
];

const lines: string[] = [];

/** A line of the account: a seed, a count, a time. */
export const tell = (line: string): void => void lines.push(line);

/** Prints, per stage, what was exercised for real, what by a stand-in, and what not at all. */
export function account(title: string, stages: readonly Stage[] = STAGES): void {
  const told = stages.flatMap(({ stage, real, standIn, notAtAll }) => [
    stage,
    `  real        ${real}`,
    ...(standIn === '' ? [] : [`  stand-in    ${standIn}`]),
    `  not at all  ${notAtAll}`,
  ]);
  console.log(['', `Rehearsal: ${title}`, ...told, '', ...lines.splice(0), ''].join('\n'));
}
