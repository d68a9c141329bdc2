import { createInterface } from 'node:readline/promises';

import { Interrupted } from '../../errors.ts';
import type { Io } from './io.ts';
import { printable, unguarded } from './terminal.ts';

/** Whether a person at a terminal can be asked. */
export const canAsk = ({ stderr }: Io): boolean => process.stdin.isTTY && stderr.isTTY === true;

/**
 * Asks one thing on a terminal and answers the line that was typed, undefined at the end of input.
 * Errors: `Interrupted` on Ctrl-C, since a terminal in raw mode sends no signal.
 */
export async function askLine(
  { stderr }: Pick<Io, 'stderr'>,
  input: NodeJS.ReadableStream,
  question: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const terminal = createInterface({ input, output: unguarded(stderr), terminal: true });
  const shown = question.split('\n').map(printable).join('\n');
  try {
    return await new Promise<string | undefined>((answer, fail) => {
      terminal.once('close', () => answer(undefined));
      terminal.once('SIGINT', () => {
        stderr.write('\n');
        fail(new Interrupted('The command was interrupted.', { hint: 'Nothing was changed.' }));
      });
      terminal.question(shown, { signal }).then(answer, () => fail(signal.reason as Error));
    });
  } finally {
    terminal.close();
  }
}

/**
 * Asks a person at the terminal to type the word; without a terminal nobody is asked, and nobody
 * agrees.
 */
export async function confirmed(io: Io, word: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY || io.stderr.isTTY !== true) return false;
  const typed = await askLine(io, process.stdin, `Type ${printable(word)} to go on: `, signal);
  return typed?.trim() === word;
}
