import type { Skipped } from '../../lake/ports/store.ts';
import type { Colours } from '../terminal/colours.ts';
import { grouped, printable } from '../terminal/table.ts';

const SHOWN = 10;

/**
 * What bronze holds that cannot be read as an object: how much, and of the first why and what to
 * do. No lines where there is nothing.
 */
export function skippedText(skipped: readonly Skipped[], colours: Colours): string[] {
  if (skipped.length === 0) return [];
  const lines = skipped
    .slice(0, SHOWN)
    .map(({ key, message }) => `  ${printable(key)}: ${printable(message)}`);
  const more = skipped.length - SHOWN;
  return [
    colours.yellow(`Skipped  ${grouped(skipped.length)} in bronze cannot be read as objects:`),
    ...lines,
    ...(more > 0 ? [`  … and ${grouped(more)} more (all with --json)`] : []),
  ];
}
