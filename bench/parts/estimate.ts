import { readFileSync } from 'node:fs';
import { fitLine, type Point } from '../report/statistics.ts';

/** Processor seconds of the whole process tree, measured at one size. */
export type SparkRate = { rows: number; cpu: number };

/** From the measured efficiency to half of it. */
export type Estimate = { hours: [number, number]; usd: [number, number] };

type PriceTable = {
  dated: string;
  region: string;
  source: string;
  prices: { glue_dpu_hour: number };
};

export const prices = (): PriceTable =>
  JSON.parse(
    readFileSync(new URL('../../data/aws-prices.json', import.meta.url), 'utf8'),
  ) as PriceTable;

/** A G.1X worker is one DPU: 4 virtual processors and 16 GB. */
export const PROCESSORS_A_DPU = 4;

/** Processor seconds per row without the start-up cost. One size alone cannot separate the two. */
export function secondsARow(rates: readonly SparkRate[]): number {
  const points: Point[] = rates.map(({ rows, cpu }) => ({ x: rows, y: cpu }));
  const [only] = points;
  if (only === undefined) throw new Error('There is no measured rate of Spark.');
  return points.length === 1 ? only.y / only.x : fitLine(points).b;
}

/** Three jobs per run, each billed for the minute that it takes to start. */
const START_HOURS = 3 / 60;

/**
 * Time and cost of so many rows on so many Glue workers, assuming that Glue's processors are as
 * fast as those of the measured machine.
 */
export function estimate(
  rows: number,
  workers: number,
  perRow: number,
  dpuHourUsd: number,
): Estimate {
  const hours = (efficiency: number): number =>
    START_HOURS + (rows * perRow) / efficiency / PROCESSORS_A_DPU / 3600 / workers;
  const usd = (efficiency: number): number => hours(efficiency) * workers * dpuHourUsd;
  return { hours: [hours(1), hours(0.5)], usd: [usd(1), usd(0.5)] };
}
