import type { Io } from '../terminal/io.ts';
import { table } from '../terminal/table.ts';
import { packageFolder } from '../wiring/wiring.ts';
import { ASSUMED, type CostLine, estimate, type Usage } from './estimate.ts';
import { readPrices } from './prices.ts';

/** Prints an estimate of a month's cost in AWS; as JSON, with every formula and assumption. */
export async function printCost(io: Io, usage: Usage, json: boolean): Promise<void> {
  const { prices, ...table_ } = await readPrices(packageFolder());
  const lines = estimate(usage, prices);
  const total = Math.round(lines.reduce((sum, { usd }) => sum + usd * 100, 0)) / 100;
  io.stdout.write(
    json
      ? `${JSON.stringify({ estimate: true, usd_per_month: total, lines, usage, assumed: ASSUMED, prices: { ...table_, ...prices } })}\n`
      : `${costText(lines, total)}\n\nEstimated from the list prices of ${table_.region} in ${table_.dated}, without taxes, free tier and support. --json shows every formula.\n`,
  );
}

function costText(lines: readonly CostLine[], total: number): string {
  const rows = lines.map(({ service, usd, formula }) => [service, usd.toFixed(2), formula]);
  return table(
    ['service', 'USD a month', 'calculation'],
    [...rows, ['total', total.toFixed(2), '']],
    ['left', 'right'],
  );
}
