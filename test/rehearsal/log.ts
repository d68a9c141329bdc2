import { appendFileSync } from 'node:fs';
import { inject } from 'vitest';
import { exercisedLine, type StageName, toldLine } from './account.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The file of lines that the account at the end is made of. */
    account: string;
  }
}

const leave = (line: string): void => appendFileSync(inject('account'), `${line}\n`);

/** A line for the account: a seed, a count, a time. */
export const tell = (text: string): void => leave(toldLine(text));

/** Says that a test which exercises these stages went through. */
export const exercised = (...names: StageName[]): void => names.map(exercisedLine).forEach(leave);
