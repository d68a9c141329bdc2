import { parseSync, Visitor } from 'oxc-parser';

import * as layout from '../../src/lake/layout.ts';
import type { Violation } from './arrow.ts';

const LAYOUT = 'src/lake/layout.ts';

/** Top-level folders of the lake, read from the constants of the layout: `bronze`, `_ledger`. */
export const FOLDERS: readonly string[] = [
  ...new Set(
    Object.values(layout).flatMap((value) =>
      typeof value === 'string' && value.endsWith('/') ? [value.slice(0, value.indexOf('/'))] : [],
    ),
  ),
];

/** A key or prefix has no blanks; a message to the user that begins with a folder has. */
const PREFIX = new RegExp(`^(?:${FOLDERS.join('|')})/\\S*$`);

/**
 * Finds string and template literals that spell a prefix of the lake outside the layout. Comments
 * are not literals; the rules of `src/medallion` may not import the lake.
 */
export function lakePrefixViolations(path: string, text: string): Violation[] {
  if (path === LAYOUT || path.startsWith('src/medallion/')) return [];
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const found: { start: number; value: string }[] = [];
  const add = (start: number, value: string): void => {
    if (PREFIX.test(value)) found.push({ start, value });
  };
  new Visitor({
    Literal: ({ value, start }) => {
      if (typeof value === 'string') add(start, value);
    },
    TemplateLiteral: ({ quasis, start }) => {
      add(start, quasis.map(({ value }) => value.cooked ?? value.raw).join('*'));
    },
  }).visit(program);
  return found.map(({ start, value }) => ({
    at: `${path}:${text.slice(0, start).split('\n').length}`,
    fault: `spells the prefix of ${JSON.stringify(value)}: use a constant of ${LAYOUT}`,
  }));
}
