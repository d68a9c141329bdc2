import type { Skipped } from '../../lake/ports/store.ts';
import type { Colours } from '../terminal/colours.ts';
import { grouped, printable } from '../terminal/table.ts';

const SHOWN = 10;

/**
 * Lists the entries of bronze that cannot be read as objects: their number, and for the first ones
 * the cause and the remedy. No lines if there are none.
 */
export function skippedText(skipped: readonly Skipped[], colours: Colours): string[] {
  if (skipped.length === 0) return [];
  const lines = skipped
    .slice(0, SHOWN)
    .map(({ key, message }) => `  ${printable(key)}: ${printable(message)}`);
  const more = skipped.length - SHOWN;
  return [
    colours.yellow(
      `Skipped  ${grouped(skipped.length)} ${skipped.length === 1 ? 'entry' : 'entries'} of bronze that cannot be read:`,
    ),
    ...lines,
    ...(more > 0 ? [`  … and ${grouped(more)} more (all with --json)`] : []),
  ];
}
