import { createInterface } from 'node:readline/promises';

import { Interrupted } from '../../errors.ts';
import type { Io } from './io.ts';
import { printable, unguarded } from './terminal.ts';

/** True if input and messages are a terminal, so that the user can answer. */
export const canAsk = ({ stderr }: Io): boolean => process.stdin.isTTY && stderr.isTTY === true;

/**
 * Asks a question on a terminal and returns the line that was typed, or undefined at the end of
 * input. Errors: `Interrupted` on Ctrl-C, since a terminal in raw mode sends no signal.
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

/** Asks the user to type the word. Returns false without a terminal. */
export async function confirmed(io: Io, word: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY || io.stderr.isTTY !== true) return false;
  const typed = await askLine(io, process.stdin, `Type ${printable(word)} to continue: `, signal);
  return typed?.trim() === word;
}
