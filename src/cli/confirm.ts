import { createInterface } from 'node:readline/promises';

import type { Io } from './io.ts';

/** Whether a person at the terminal types the word; without a terminal nobody is asked, and nobody agrees. */
export async function confirmed(
  { stderr }: Io,
  word: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (!process.stdin.isTTY || stderr.isTTY !== true) return false;
  const terminal = createInterface({ input: process.stdin, output: stderr });
  try {
    return (await terminal.question(`Type ${word} to go on: `, { signal })).trim() === word;
  } finally {
    terminal.close();
  }
}
