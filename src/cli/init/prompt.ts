import type { Answers, Question } from '../../config/detect/search.ts';
import { type AnswerFlags, readAnswers } from './answers.ts';
import { askLine } from '../terminal/confirm.ts';
import type { Io } from '../terminal/io.ts';
import { printable } from '../terminal/table.ts';

/** Asks a question on a terminal and returns the line typed; undefined at the end of input. */
export type Prompt = (question: Question) => Promise<string | undefined>;

/** Returns a prompt if input and messages are both a terminal. */
export function promptOf(
  io: Io,
  stdin: NodeJS.ReadStream,
  signal: AbortSignal,
): Prompt | undefined {
  if (!stdin.isTTY || io.stderr.isTTY !== true) return undefined;
  return async ({ asks, candidates }) => {
    const list = candidates
      .map((candidate, at) => `  ${at + 1}  ${printable(candidate)}\n`)
      .join('');
    const how = candidates.length === 0 ? '' : 'a number from the list, or ';
    const question = `${printable(asks)}\n${list}(${how}the value) > `;
    const typed = (await askLine(io, stdin, question, signal))?.trim();
    return candidates[Number(typed) - 1] ?? typed;
  };
}

/** Adds an answer, parsed like its flag. Errors: `UsageError`. */
export function withAnswer(answers: Answers, { flag }: Question, typed: string): Answers {
  const [name = '', field = ''] = flag.split(' ');
  const flags: Record<string, AnswerFlags> = {
    '--currency': { currency: typed },
    '--date-format': { dateFormat: [typed] },
    '--decimal': { decimal: typed },
    '--rows': { rows: typed },
    '--map': { map: [`${field}${typed}`] },
  };
  const more = readAnswers(flags[name] ?? {});
  return { ...answers, ...more, columns: { ...answers.columns, ...more.columns } };
}
