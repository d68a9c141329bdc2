import type { Seen } from './snapshot.ts';

const MOST_LINES = 12;

/**
 * The differences of two answers, one line each: `-` for lines of the oracle only and `+` for lines
 * of the product only. Empty if they agree.
 */
export function differences(oracle: Seen, product: Seen): string[] {
  return [
    ...linesOf('gold', oracle.gold, product.gold),
    ...linesOf('silver', oracle.versions, product.versions),
    ...linesOf('quarantine', oracle.quarantine, product.quarantine),
    ...linesOf('registry', oracle.registry, product.registry),
    ...linesOf('object', objectLines(oracle), objectLines(product)),
  ];
}

const objectLines = ({ objects }: Seen): string[] =>
  [...objects].map(
    ([key, { status, rows, reasons, repairs }]) =>
      `${key}: ${status} | ${rows} | ${reasons} | ${repairs}`,
  );

function linesOf(what: string, oracle: readonly string[], product: readonly string[]): string[] {
  const lines = [
    ...without(oracle, product).map((line) => `- ${what} ${line}`),
    ...without(product, oracle).map((line) => `+ ${what} ${line}`),
  ];
  return lines.length <= MOST_LINES
    ? lines
    : [...lines.slice(0, MOST_LINES), `… and ${lines.length - MOST_LINES} more of ${what}`];
}

/** The lines of one list that the other lacks, each as often as it is in excess. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const times = left.get(line) ?? 0;
    left.set(line, times - 1);
    return times <= 0;
  });
}
