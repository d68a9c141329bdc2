import { UsageError } from '../../errors.ts';
import type { Prices } from './prices.ts';

/** The usage of a month, as the caller estimates it. */
export type Usage = {
  rowsPerDay: number;
  runsPerDay: number;
  bytesPerRow: number;
  queriesPerDay: number;
  monthsKept: number;
  databaseClass: string;
};

/** One line of the bill: quantities and their prices. `formula` is the same in words. */
export type CostLine = { service: string; parts: Part[]; formula: string; usd: number };
type Part = { quantity: number; unit: string; price: number };

const DAYS = 30.4;
const HOURS = 730;
const GB = 2 ** 30;
const MB = 2 ** 20;

/** Resources of the stack and cautious estimates of sizes and speeds. `--json` prints them all. */
export const ASSUMED = {
  sweepsPerDay: 24,
  clusterBytes: 2 * GB,
  glueWorkers: 4,
  glueStartSeconds: 60,
  /** Of one G.1X worker. */
  glueRowsPerSecond: 100_000,
  glueSilverRowsPerSecond: 1_000_000,
  lambdaRowsPerSecond: 150_000,
  lambdaSilverRowsPerSecond: 2_000_000,
  stepSeconds: 4,
  bigLambdaGb: 4,
  diskGb: 9.5,
  silverBytesPerRow: 40,
  goldBytesPerCustomer: 60,
  rowsPerCustomer: 20,
  /** With indexes, and as much again while a run writes. */
  tableBytesPerCustomer: 600,
  /** Each run writes all of gold. Vacuum removes it within a week, the bucket keeps it 35 days. */
  goldDaysKept: 42,
  transitionsPerRun: 12,
  transitionsPerIdleRun: 3,
  endpoints: 4,
  zones: 2,
  metrics: 14,
  alarms: 9,
  logKbPerRun: 40,
  databaseGb: 20,
};

/** Estimates a month's bill, line by line. Error: `UsageError` for an unknown database class. */
export function estimate(usage: Usage, prices: Prices): CostLine[] {
  return [
    ...storage(usage, prices),
    ...compute(usage, prices),
    database(usage, prices),
    ...fixed(usage, prices),
    queries(usage, prices),
  ];
}

const part = (quantity: number, unit: string, price: number): Part => ({ quantity, unit, price });
const shown = (value: number): string => String(Number(value.toPrecision(4)));
const inWords = ({ quantity, unit, price }: Part): string =>
  `${shown(quantity)} ${unit} x ${price}`;

function line(service: string, parts: Part[], formula = parts.map(inWords).join(' + ')): CostLine {
  const usd = parts.reduce((sum, { quantity, price }) => sum + quantity * price, 0);
  return { service, parts, formula, usd: Math.round(usd * 100) / 100 };
}

const rowsKept = ({ rowsPerDay, monthsKept }: Usage): number => rowsPerDay * DAYS * monthsKept;
const customersOf = (usage: Usage): number => rowsKept(usage) / ASSUMED.rowsPerCustomer;
const silverBytes = (usage: Usage): number => rowsKept(usage) * ASSUMED.silverBytesPerRow;
const goldBytes = (usage: Usage): number => customersOf(usage) * ASSUMED.goldBytesPerCustomer;

function storage(usage: Usage, prices: Prices): CostLine[] {
  const { runsPerDay, bytesPerRow, monthsKept } = usage;
  const { silverBytesPerRow, goldDaysKept, sweepsPerDay } = ASSUMED;
  const layers = (rowsKept(usage) * (bytesPerRow + silverBytesPerRow)) / GB;
  const goldVersions = Math.max(1, runsPerDay * goldDaysKept);
  const gold = (goldBytes(usage) * goldVersions) / GB;
  const gets = ((runsPerDay * 60 + sweepsPerDay * 25) * DAYS) / 1000;
  return [
    line('S3 storage', [
      part(layers, `GB of bronze and silver, ${monthsKept} months`, prices.s3_gb_month),
      part(gold, `GB of ${goldVersions} versions of gold`, prices.s3_gb_month),
    ]),
    line('S3 requests', [
      part((runsPerDay * 15 * DAYS) / 1000, 'thousand writes', prices.s3_1000_puts),
      part(gets, 'thousand reads', prices.s3_1000_gets),
    ]),
  ];
}

function compute(usage: Usage, prices: Prices): CostLine[] {
  const { rowsPerDay, runsPerDay, bytesPerRow } = usage;
  const rowsPerRun = runsPerDay === 0 ? 0 : rowsPerDay / runsPerDay;
  // As Plan counts them: new bytes in bronze, and all of silver and gold.
  const bytesPerRun = rowsPerRun * bytesPerRow + silverBytes(usage) + goldBytes(usage);
  const runs = runsPerDay * DAYS;
  const idle = ASSUMED.sweepsPerDay * DAYS;
  const { transitionsPerRun, transitionsPerIdleRun } = ASSUMED;
  const transitions = (runs * transitionsPerRun + idle * transitionsPerIdleRun) / 1000;
  const lambdaSeconds =
    rowsPerRun / ASSUMED.lambdaRowsPerSecond + rowsKept(usage) / ASSUMED.lambdaSilverRowsPerSecond;
  const onGlue = bytesPerRun > ASSUMED.clusterBytes;
  const idleGlue = `none: a run reads ${shown(bytesPerRun / MB)} MB; Glue runs above ${ASSUMED.clusterBytes / MB} MB`;
  const glue = onGlue
    ? [part(glueDpuHours(runs, rowsPerRun, rowsKept(usage)), 'DPU-hours', prices.glue_dpu_hour)]
    : [];
  return [
    line('Lambda', lambdaParts({ runs, idle, work: onGlue ? 0 : lambdaSeconds }, prices)),
    onGlue ? line('Glue', glue) : line('Glue', [], idleGlue),
    line('Step Functions', [
      part(transitions, 'thousand transitions', prices.states_1000_transitions),
    ]),
  ];
}

function lambdaParts(
  { runs, idle, work }: { runs: number; idle: number; work: number },
  prices: Prices,
): Part[] {
  const seconds = runs * (4 * ASSUMED.stepSeconds + work) + (idle * ASSUMED.stepSeconds) / 2;
  return [
    part(seconds * ASSUMED.bigLambdaGb, 'GB-seconds', prices.lambda_gb_second),
    part(seconds * ASSUMED.diskGb, 'disk GB-seconds', prices.lambda_disk_gb_second),
    part((runs * 9 + idle * 2) / 1e6, 'million requests', prices.lambda_1000000_requests),
  ];
}

/** Three jobs a run, each billed from its start; the second reads silver. */
function glueDpuHours(runs: number, rowsPerRun: number, silverRows: number): number {
  const { glueWorkers, glueRowsPerSecond, glueSilverRowsPerSecond, glueStartSeconds } = ASSUMED;
  const work = rowsPerRun / glueRowsPerSecond + silverRows / glueSilverRowsPerSecond;
  const seconds = 3 * glueStartSeconds + work / glueWorkers;
  return (runs * glueWorkers * seconds) / 3600;
}

function database(usage: Usage, prices: Prices): CostLine {
  const { databaseClass } = usage;
  const hour = prices.rds_hour[databaseClass];
  if (hour === undefined)
    throw new UsageError(`No price is known for the database class ${databaseClass}.`, {
      hint: `Known classes are ${Object.keys(prices.rds_hour).join(', ')}.`,
    });
  const table = Math.ceil((customersOf(usage) * ASSUMED.tableBytesPerCustomer) / GB);
  return line('RDS', [
    part(HOURS, `hours of db.${databaseClass}`, hour),
    part(Math.max(ASSUMED.databaseGb, table), 'GB', prices.rds_gb_month),
  ]);
}

function fixed({ runsPerDay }: Usage, prices: Prices): CostLine[] {
  const { endpoints, zones, metrics, alarms, logKbPerRun, sweepsPerDay } = ASSUMED;
  const runs = (runsPerDay + sweepsPerDay) * DAYS;
  const polls = (86_400 / 20) * 2;
  return [
    line('VPC endpoints', [
      part(
        endpoints * zones * HOURS,
        `hours of ${endpoints} endpoints in ${zones} zones`,
        prices.endpoint_hour,
      ),
    ]),
    line('KMS', [
      part(1, 'key', prices.kms_key_month),
      part((runs * 30) / 10_000, 'ten thousand requests', prices.kms_10000_requests),
    ]),
    line('Secrets Manager', [part(1, 'secret', prices.secret_month)]),
    line('CloudWatch', [
      part((runs * logKbPerRun * 1024) / GB, 'GB of logs', prices.logs_gb),
      part(metrics, 'metrics', prices.metric_month),
      part(alarms, 'alarms', prices.alarm_month),
      part(1, 'dashboard', prices.dashboard_month),
    ]),
    line('SQS', [
      part(
        ((runsPerDay * 5 + polls) * DAYS) / 1e6,
        'million requests',
        prices.sqs_1000000_requests,
      ),
    ]),
  ];
}

/** A query reads silver once. Athena bills at least 10 MB a query. */
function queries(usage: Usage, prices: Prices): CostLine {
  const { queriesPerDay } = usage;
  const bytes = Math.max(10 * MB, silverBytes(usage));
  const terabytes = (queriesPerDay * DAYS * bytes) / 2 ** 40;
  return line('Athena', [
    part(terabytes, `TB scanned by ${queriesPerDay} queries a day`, prices.athena_tb),
  ]);
}
