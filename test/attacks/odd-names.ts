import type { Draw } from '../faults/lake-history.ts';
import { isMet } from './hazards.ts';

/**
 * Names of files, without extension. The second of a pair is matched by the first as a pattern, or
 * could be mistaken for it.
 */
const PAIRS: readonly (readonly [odd: string, plain: string])[] = [
  ['orders[1]', 'orders1'],
  ['*', 'everything'],
  ['a?', 'ab'],
  ['{a,b}', 'a'],
  ['part[0-9]', 'part7'],
  ['[!x]y', 'zy'],
  ['**', 'deep'],
  ['caf\u00e9', 'cafe\u0301'],
  ['%41', 'A'],
  ['x+y', 'x y'],
];

const ALONE = [
  '${env:HOME}',
  '${spark.app.name}',
  '$&',
  '$1',
  "it's",
  "'); drop table gold; --",
  'say "hi"',
  '100%',
  '#hash',
  'a b',
  ' lead',
  'tail ',
  'a;b&c|d',
  '`id`',
  '$(id)',
  '~',
  '!now',
  '-rf',
  '--lake',
  '=cmd',
  '@home',
  'null',
  'a=b',
  'file:x',
  '\u65e5\u672c\u8a9e \u{1f600}',
  '\u202egnp',
  'line\u2028end',
  'n'.repeat(230),
  'x,y',
  '(1)',
  '^$',
] as const;

/** Folders of a lake; the second of a pair is a sibling that the first matches as a pattern. */
const FOLDERS: readonly (readonly [odd: string, plain: string])[] = [
  ['shop[1]', 'shop1'],
  ['la*', 'lake'],
  ['{a,b}', 'b'],
  ['l?', 'lo'],
  ["it's $& #1 %20", 'plain'],
];

export type Named = { name: string; sibling: string | undefined };

/** A name, and the sibling that it could be mistaken for, if any. */
export function fileName(draw: Draw, number: number): Named {
  const kind = draw.below(4);
  if (kind === 0) {
    const [odd, plain] = draw.of(PAIRS);
    const isOddFirst = draw.once(2);
    if (!isMet('patterns')) return { name: plain, sibling: `${plain}2` };
    return isOddFirst ? { name: odd, sibling: plain } : { name: plain, sibling: odd };
  }
  return { name: kind === 1 ? draw.of(ALONE) : `f${number}`, sibling: undefined };
}

/** The folders of two lakes next to each other. */
export function lakeFolders(draw: Draw): [string, string] {
  if (!draw.once(2)) return ['lake', 'other'];
  const [odd, plain] = draw.of(FOLDERS);
  const isOddSecond = draw.once(4);
  if (!isMet(odd.includes("'") ? 'quotes' : 'patterns')) return ['lake', 'other'];
  return isOddSecond ? [plain, odd] : [odd, plain];
}

/** Names that no lake accepts: each must be skipped and reported with the reason. */
export const REFUSED_NAMES: readonly (string | Uint8Array)[] = [
  'ctl\u0001.csv',
  'escape\u001b[31m.csv',
  'back\\slash.csv',
  Buffer.from([0x62, 0x61, 0x64, 0xff, 0xfe, 0x2e, 0x63, 0x73, 0x76]),
];
