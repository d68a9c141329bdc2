import { InvalidArgumentError } from 'commander';

/** A flag's value that is a whole number from zero. */
export function wholeNumber(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
