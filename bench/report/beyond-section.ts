import {
  estimate,
  prices,
  PROCESSORS_A_DPU,
  secondsARow,
  type SparkRate,
} from '../parts/estimate.ts';
import type { AnyRecord, ServingRecord, WorkRecord } from '../records.ts';
import { count, markdownTable, median } from './words.ts';

const SIZES = [1e9, 1e10];
const WORKERS = [10, 50];
const ROWS_A_CUSTOMER = 20;

/**
 * Estimate for Glue beyond one machine, from this product's own measured Spark runs; empty if none
 * was measured.
 */
export function beyond(records: readonly AnyRecord[]): string {
  const rates = records.filter((record) => record.part === 'work').flatMap(sparkRate);
  if (rates.length === 0) return '';
  const perRow = secondsARow(rates);
  const { dated, region, prices: price } = prices();
  const rows = SIZES.flatMap((size) =>
    WORKERS.map((workers) => cells(size, workers, perRow, price.glue_dpu_hour)),
  );
  const sizes = rates.map(({ rows: size }) => count(size)).join(' and ');
  return [
    '## Past one machine: an estimate',
    `Nothing here was run on Glue. This product's rules on Spark took ${(perRow * 1e6).toFixed(1)} microseconds of one processor a row, measured above at ${sizes} rows; the Glue jobs run the same code. A G.1X worker is one DPU, ${PROCESSORS_A_DPU} virtual processors and 16 GB, at $${price.glue_dpu_hour} an hour (${region}, AWS list price of ${dated}, the table of \`purchases cost\`). The lower figures suppose that Glue's processors do what this machine's did and that work divides evenly; the upper ones that they do half of it, which shuffles over a network, skew and slower virtual processors may cost. Three starts of a minute are in both. ${serving(records)}`,
    markdownTable(['rows', 'G.1X workers', 'minutes', 'USD'], rows),
    'A first run of that size happens once. Day by day a run reads only new files, and of silver what the touched customers need.',
  ].join('\n\n');
}

function sparkRate({ figures }: WorkRecord): SparkRate[] {
  const spark = figures.contests.find(({ name }) => name === 'purchases-spark');
  if (spark === undefined || spark.full.length === 0) return [];
  return [{ rows: figures.rows, cpu: median(spark.full.map((run) => run.cpu)) }];
}

function cells(rows: number, workers: number, perRow: number, price: number): string[] {
  const { hours, usd } = estimate(rows, workers, perRow, price);
  const range = ([least, most]: [number, number]): string =>
    `${least.toFixed(0)} to ${most.toFixed(0)}`;
  const minutes: [number, number] = [hours[0] * 60, hours[1] * 60];
  return [count(rows), String(workers), range(minutes), range(usd)];
}

/** Time of the database load on top, from the measured first load. */
function serving(records: readonly AnyRecord[]): string {
  const record = records.find((one): one is ServingRecord => one.part === 'serving');
  if (record === undefined) return 'Loading the serving table comes on top.';
  const { customers, loads } = record.figures;
  const load = median(loads.postgres.map(({ first }) => first.stage + first.upsert));
  const minutes = SIZES.map((size) => {
    const wanted = size / ROWS_A_CUSTOMER;
    return `${((wanted / customers) * (load / 60)).toFixed(0)} minutes for ${count(wanted)} customers`;
  });
  return `Loading the serving table comes on top: at the rate of its first load above, ${minutes.join(', ')}.`;
}
