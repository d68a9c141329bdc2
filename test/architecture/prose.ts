import { parseSync } from 'oxc-parser';
import type { Violation } from './arrow.ts';

const MOST_COLUMNS = 100;

/** Words that plain engineering English does without, each with the words to use instead. */
const WORDS: [RegExp, string][] = [
  [/\btold\b|[a-z]Told/, 'reported, logged, shows or decides'],
  [/\banew\b|[a-z]Anew/i, 'again'],
  [/\bwho(?:m)?ever\b/i, 'the customer, the operator, every'],
  [/\bwhatever\b/i, 'any, every'],
  [/\bhangs? on\b/i, 'depends on'],
  [/\bno more\b(?! than)/i, 'no longer'],
  [/\bmend(?:s|ed|ing)?\b/i, 'fix'],
];

/** Lines of comments that are wider than the code. */
export function commentViolations(path: string, text: string): Violation[] {
  const starts = lineStarts(text);
  const lines = text.split('\n');
  const found = new Map<number, Violation>();
  for (const { start, end } of parseSync(path, text).comments) {
    for (let line = lineOf(starts, start); line <= lineOf(starts, end - 1); line++) {
      const columns = lines[line]?.length ?? 0;
      if (columns > MOST_COLUMNS)
        found.set(line, {
          at: `${path}:${line + 1}`,
          fault: `comment of ${columns} columns, more than ${MOST_COLUMNS}`,
        });
    }
  }
  return [...found.values()];
}

/** Words to avoid, in code and in prose. */
export function wordViolations(path: string, text: string): Violation[] {
  return text.split('\n').flatMap((line, at) =>
    WORDS.flatMap(([word, instead]) => {
      const match = word.exec(line);
      return match === null
        ? []
        : [{ at: `${path}:${at + 1}`, fault: `says "${match[0]}": write ${instead}` }];
    }),
  );
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

const lineOf = (starts: readonly number[], offset: number): number =>
  starts.findLastIndex((start) => start <= offset);
