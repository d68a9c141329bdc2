import { UsageError } from '../../errors.ts';
import type { Prices } from './prices.ts';

/** What a month is made of, as far as the caller can say. */
export type Usage = {
  rowsPerDay: number;
  runsPerDay: number;
  bytesPerRow: number;
  queriesPerDay: number;
  monthsKept: number;
  databaseClass: string;
};

/** One line of the bill: what, by which formula with its numbers filled in, and how much a month. */
export type CostLine = { service: string; formula: string; usd: number };

const DAYS = 30.4;
const HOURS = 730;
const GB = 2 ** 30;
const MB = 2 ** 20;

/** What the stack has of each, and what was measured on two cores: see docs/aws.md. */
export const ASSUMED = {
  sweepsPerDay: 24,
  clusterBytes: 2 * GB,
  glueWorkers: 4,
  glueStartSeconds: 60,
  /** Of one G.1X worker. */
  glueRowsPerSecond: 100_000,
  lambdaRowsPerSecond: 150_000,
  stepSeconds: 4,
  bigLambdaGb: 4,
  diskGb: 9.5,
  silverBytesPerRow: 40,
  goldBytesPerCustomer: 60,
  rowsPerCustomer: 20,
  /** With its indexes, and as much again while it is written. */
  tableBytesPerCustomer: 600,
  goldVersions: 35,
  transitionsPerRun: 12,
  transitionsPerIdleRun: 3,
  endpoints: 4,
  zones: 2,
  metrics: 14,
  alarms: 9,
  logKbPerRun: 40,
  databaseGb: 20,
};

/** An estimate of a month's bill, line by line. Error: `UsageError` for a database class without a price. */
export function estimate(usage: Usage, prices: Prices): CostLine[] {
  return [
    ...storage(usage, prices),
    ...compute(usage, prices),
    database(usage, prices),
    ...fixed(usage, prices),
    queries(usage, prices),
  ];
}

const line = (service: string, formula: string, usd: number): CostLine => ({
  service,
  formula,
  usd: Math.round(usd * 100) / 100,
});
const shown = (value: number): string => String(Number(value.toPrecision(4)));

const customersOf = ({ rowsPerDay, monthsKept }: Usage): number =>
  (rowsPerDay * DAYS * monthsKept) / ASSUMED.rowsPerCustomer;

function storage(usage: Usage, prices: Prices): CostLine[] {
  const { rowsPerDay, runsPerDay, bytesPerRow, monthsKept } = usage;
  const rows = rowsPerDay * DAYS * monthsKept;
  const layers = (rows * (bytesPerRow + ASSUMED.silverBytesPerRow)) / GB;
  const gold = (customersOf(usage) * ASSUMED.goldBytesPerCustomer * ASSUMED.goldVersions) / GB;
  const puts = (runsPerDay * 15 * DAYS) / 1000;
  const gets = ((runsPerDay * 60 + ASSUMED.sweepsPerDay * 25) * DAYS) / 1000;
  return [
    line(
      'S3 storage',
      `(${shown(layers)} GB bronze and silver of ${monthsKept} months + ${shown(gold)} GB of ${ASSUMED.goldVersions} versions of gold) x ${prices.s3_gb_month}`,
      (layers + gold) * prices.s3_gb_month,
    ),
    line(
      'S3 requests',
      `${shown(puts)} thousand writes x ${prices.s3_1000_puts} + ${shown(gets)} thousand reads x ${prices.s3_1000_gets}`,
      puts * prices.s3_1000_puts + gets * prices.s3_1000_gets,
    ),
  ];
}

function compute(usage: Usage, prices: Prices): CostLine[] {
  const { rowsPerDay, runsPerDay, bytesPerRow } = usage;
  const rowsPerRun = runsPerDay === 0 ? 0 : rowsPerDay / runsPerDay;
  const onGlue = rowsPerRun * bytesPerRow > ASSUMED.clusterBytes;
  const idle = ASSUMED.sweepsPerDay * DAYS;
  const runs = runsPerDay * DAYS;
  const transitions =
    (runs * ASSUMED.transitionsPerRun + idle * ASSUMED.transitionsPerIdleRun) / 1000;
  const work = onGlue ? 0 : rowsPerRun / ASSUMED.lambdaRowsPerSecond;
  const seconds = runs * (4 * ASSUMED.stepSeconds + work) + (idle * ASSUMED.stepSeconds) / 2;
  const gbSeconds = seconds * ASSUMED.bigLambdaGb;
  const requests = (runs * 9 + idle * 2) / 1e6;
  const glueHours = onGlue ? glueDpuHours(runs, rowsPerRun) : 0;
  return [
    line(
      'Lambda',
      `${shown(gbSeconds)} GB-s x ${prices.lambda_gb_second} + ${shown(seconds * ASSUMED.diskGb)} disk GB-s x ${prices.lambda_disk_gb_second} + ${shown(requests)} million requests x ${prices.lambda_1000000_requests}`,
      gbSeconds * prices.lambda_gb_second +
        seconds * ASSUMED.diskGb * prices.lambda_disk_gb_second +
        requests * prices.lambda_1000000_requests,
    ),
    line(
      'Glue',
      onGlue
        ? `${shown(glueHours)} DPU-hours x ${prices.glue_dpu_hour}`
        : `none: a run reads ${shown((rowsPerRun * bytesPerRow) / MB)} MB, below the ${ASSUMED.clusterBytes / MB} MB from which Glue runs`,
      glueHours * prices.glue_dpu_hour,
    ),
    line(
      'Step Functions',
      `${shown(transitions)} thousand transitions x ${prices.states_1000_transitions}`,
      transitions * prices.states_1000_transitions,
    ),
  ];
}

/** Two jobs a run, each billed for a minute at least. */
function glueDpuHours(runs: number, rowsPerRun: number): number {
  const { glueWorkers, glueRowsPerSecond, glueStartSeconds } = ASSUMED;
  const seconds = glueStartSeconds + rowsPerRun / (glueRowsPerSecond * glueWorkers);
  return (runs * 2 * glueWorkers * seconds) / 3600;
}

function database(usage: Usage, prices: Prices): CostLine {
  const { databaseClass } = usage;
  const hour = prices.rds_hour[databaseClass];
  if (hour === undefined)
    throw new UsageError(`There is no price for the database class ${databaseClass}.`, {
      hint: `Known are ${Object.keys(prices.rds_hour).join(', ')}.`,
    });
  const databaseGb = Math.max(
    ASSUMED.databaseGb,
    Math.ceil((customersOf(usage) * ASSUMED.tableBytesPerCustomer) / GB),
  );
  return line(
    'RDS',
    `${HOURS} h x ${hour} for db.${databaseClass} + ${databaseGb} GB x ${prices.rds_gb_month}`,
    HOURS * hour + databaseGb * prices.rds_gb_month,
  );
}

function fixed({ runsPerDay }: Usage, prices: Prices): CostLine[] {
  const { endpoints, zones, metrics, alarms, logKbPerRun, sweepsPerDay } = ASSUMED;
  const interfaces = endpoints * zones;
  const runs = (runsPerDay + sweepsPerDay) * DAYS;
  const logs = (runs * logKbPerRun * 1024) / GB;
  const keyRequests = (runs * 30) / 10_000;
  const messages = (runsPerDay * 5 + (86_400 / 20) * 2) * DAYS * 1e-6;
  return [
    line(
      'VPC endpoints',
      `${endpoints} endpoints x ${zones} zones x ${HOURS} h x ${prices.endpoint_hour}`,
      interfaces * HOURS * prices.endpoint_hour,
    ),
    line(
      'KMS',
      `1 key x ${prices.kms_key_month} + ${shown(keyRequests)} x 10,000 requests x ${prices.kms_10000_requests}`,
      prices.kms_key_month + keyRequests * prices.kms_10000_requests,
    ),
    line('Secrets Manager', `1 secret x ${prices.secret_month}`, prices.secret_month),
    line(
      'CloudWatch',
      `${shown(logs)} GB of logs x ${prices.logs_gb} + ${metrics} metrics x ${prices.metric_month} + ${alarms} alarms x ${prices.alarm_month} + 1 dashboard x ${prices.dashboard_month}`,
      logs * prices.logs_gb +
        metrics * prices.metric_month +
        alarms * prices.alarm_month +
        prices.dashboard_month,
    ),
    line(
      'SQS',
      `${shown(messages)} million requests x ${prices.sqs_1000000_requests}`,
      messages * prices.sqs_1000000_requests,
    ),
  ];
}

/** A query reads a layer at least once; Athena bills 10 MB or more of each. */
function queries({ queriesPerDay, rowsPerDay, monthsKept }: Usage, prices: Prices): CostLine {
  const silver = rowsPerDay * DAYS * monthsKept * ASSUMED.silverBytesPerRow;
  const terabytes = (queriesPerDay * DAYS * Math.max(10 * MB, silver)) / 2 ** 40;
  return line(
    'Athena',
    `${shown(terabytes)} TB scanned by ${queriesPerDay} queries a day x ${prices.athena_tb}`,
    terabytes * prices.athena_tb,
  );
}
