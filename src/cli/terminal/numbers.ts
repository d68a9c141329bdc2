import { InvalidArgumentError } from 'commander';

/** Parses a flag's value as a whole number, zero or more. */
export function wholeNumber(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
