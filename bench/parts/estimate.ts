import { readFileSync } from 'node:fs';
import { fitLine, type Point } from '../report/statistics.ts';

/** Of one size, in processor seconds of the whole process tree. */
export type SparkRate = { rows: number; cpu: number };

/** From as measured to half as efficient. */
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

/**
 * Seconds of a processor a row, without the cost of starting, which one size alone cannot tell
 * apart.
 */
export function secondsARow(rates: readonly SparkRate[]): number {
  const points: Point[] = rates.map(({ rows, cpu }) => ({ x: rows, y: cpu }));
  const [only] = points;
  if (only === undefined) throw new Error('There is no measured rate of Spark.');
  return points.length === 1 ? only.y / only.x : fitLine(points).b;
}

/** Three jobs a run, each billed for the minute that it takes to start. */
const START_HOURS = 3 / 60;

/**
 * What so many rows would take on so many Glue workers, and cost, if processors of Glue did what
 * those of the measured machine did.
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
