import { createInterface } from 'node:readline/promises';

import type { Io } from './io.ts';

/** Whether a person at a terminal can be asked. */
export const canAsk = ({ stderr }: Io): boolean => process.stdin.isTTY && stderr.isTTY === true;

/** Whether a person at the terminal types the word; without a terminal nobody is asked, and nobody agrees. */
export async function confirmed(io: Io, word: string, signal: AbortSignal): Promise<boolean> {
  if (!canAsk(io)) return false;
  const { stderr } = io;
  const terminal = createInterface({ input: process.stdin, output: stderr });
  try {
    return (await terminal.question(`Type ${word} to go on: `, { signal })).trim() === word;
  } finally {
    terminal.close();
  }
}
