import { estimate, prices, PROCESSORS_A_DPU, secondsARow, type SparkRate } from './estimate.ts';
import type { WorkRecord } from './records.ts';
import { count, markdownTable, median } from './words.ts';

const SIZES = [1e9, 1e10];
const WORKERS = [10, 50];

/** What Glue would do past one machine, from this product's own measured Spark runs; nothing where none was measured. */
export function beyond(records: readonly WorkRecord[]): string {
  const rates = records.flatMap(({ figures }): SparkRate[] => {
    const spark = figures.contests.find(({ name }) => name === 'purchases-spark');
    if (spark === undefined || spark.full.length === 0) return [];
    return [{ rows: figures.rows, cpu: median(spark.full.map((run) => run.cpu)) }];
  });
  if (rates.length === 0) return '';
  const perRow = secondsARow(rates);
  const { dated, region, prices: price } = prices();
  const rows = SIZES.flatMap((size) =>
    WORKERS.map((workers) => cells(size, workers, perRow, price.glue_dpu_hour)),
  );
  const sizes = rates.map(({ rows: size }) => count(size)).join(', ');
  return [
    '## Past one machine: an estimate',
    '',
    `Nothing here was run on Glue. This product's rules on Spark took ${(perRow * 1e6).toFixed(1)} microseconds of one processor a row, measured above at ${sizes} rows, files to table; a run of the Glue jobs does the same work with the same code. A G.1X worker is one DPU, ${PROCESSORS_A_DPU} virtual processors and 16 GB, at $${price.glue_dpu_hour} an hour (${region}, AWS list price of ${dated}, the table of \`purchases cost\`). The lower figures suppose that Glue's processors do what this machine's did and that work divides evenly; the upper ones that they do half of it, which is what shuffles over a network, skew and slower virtual processors may cost. Each job adds about a minute to start. The serving table's load is in it at this machine's rate, which a small database may not keep up with.`,
    '',
    markdownTable(['rows', 'G.1X workers', 'hours', 'USD'], rows),
    '',
    'A first run of that size happens once. Day by day a run reads only new files, and of silver what the touched customers need, so that the same cluster sees a thousandth of it.',
  ].join('\n');
}

function cells(rows: number, workers: number, perRow: number, price: number): string[] {
  const { hours, usd } = estimate(rows, workers, perRow, price);
  return [
    count(rows),
    String(workers),
    `${hours[0].toFixed(1)} to ${hours[1].toFixed(1)}`,
    `${usd[0].toFixed(0)} to ${usd[1].toFixed(0)}`,
  ];
}
