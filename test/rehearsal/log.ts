import { appendFileSync } from 'node:fs';
import { inject } from 'vitest';
import { exercisedLine, type StageName, printedLine } from './account.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The file with the lines of the final account. */
    account: string;
  }
}

const leave = (line: string): void => appendFileSync(inject('account'), `${line}\n`);

/** A line for the account: a seed, a count, a time. */
export const report = (text: string): void => leave(printedLine(text));

/** Records that a test which exercises these stages passed. */
export const exercised = (...names: StageName[]): void => names.map(exercisedLine).forEach(leave);
