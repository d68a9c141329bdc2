import { parseArgs } from 'node:util';

export const PARTS = ['work', 'profile', 'start-up', 'small-files', 'growth'] as const;
export type Part = (typeof PARTS)[number];

export type Options = {
  /** Rows of the full comparison. */
  rows: number;
  /** Names of contenders; all of them if empty. */
  only: readonly string[];
  /** Runs per contender, interleaved; slow contenders run once. */
  runs: number;
  parts: readonly Part[];
  /** Rows of the largest lake in the growth part. */
  growTo: number;
  /** True if docs/ is written. */
  write: boolean;
};

export const HELP = `npm run bench [-- options]
  --rows N         rows to compare on (default 1000000), in 10 files, and an increment of 0.1%
  --only a,b       contenders (default: all that are there)
  --runs K         runs of each, in turn (default 3; slow contenders run once)
  --parts p,q      of ${PARTS.join(', ')} (default: all)
  --grow-to N      rows of the largest lake in the growth part (default: --rows)
  --print          print the tables only: leave docs/benchmarks.md and docs/bench/ as they are
Made-up files are kept in the temporary folder, below purchases-bench-input, for the next time.`;

/** Parses the command line. Error: an unknown option or value, by name. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string', default: '1000000' },
      only: { type: 'string', default: '' },
      runs: { type: 'string', default: '3' },
      parts: { type: 'string', default: PARTS.join(',') },
      'grow-to': { type: 'string' },
      print: { type: 'boolean', default: false },
    },
  });
  const rows = whole('--rows', values.rows);
  // Rounded so that the increment is a whole number of rows.
  if (rows % 1000 !== 0) throw new Error(`--rows must be a multiple of 1000, not ${rows}.`);
  const parts = list(values.parts).map((name) => {
    const part = PARTS.find((known) => known === name);
    if (part === undefined) throw new Error(`No part "${name}": they are ${PARTS.join(', ')}.`);
    return part;
  });
  return {
    rows,
    only: list(values.only),
    runs: whole('--runs', values.runs),
    parts,
    growTo: whole('--grow-to', values['grow-to'] ?? values.rows),
    write: !values.print,
  };
}

const list = (text: string): string[] => text.split(',').filter((item) => item !== '');

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`${name} must be a whole number, not "${text}".`);
  return value;
}
