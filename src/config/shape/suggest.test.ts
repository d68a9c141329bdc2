import { describe, expect, it } from 'vitest';
import { didYouMean, suggest } from './suggest.ts';

const known = ['lake', 'warehouse', 'timeZone', 'firstCustomerId', 'sources'];

describe('a mistyped word', () => {
  it.each([
    ['warehose', 'warehouse'],
    ['wraehouse', 'warehouse'],
    ['timezone', 'timeZone'],
    ['time_zone', 'timeZone'],
    ['first-customer-id', 'firstCustomerId'],
    ['source', 'sources'],
    ['lak', 'lake'],
    ['first', 'firstCustomerId'],
  ])('%s is taken for %s', (word, meant) => {
    expect(suggest(word, known)).toBe(meant);
    expect(didYouMean(word, known)).toBe(`; did you mean "${meant}"?`);
  });

  it('is taken for nothing where nothing is near', () => {
    for (const word of ['bucket', 'x', '']) expect(suggest(word, known)).toBeUndefined();
    expect(didYouMean('bucket', known)).toBe('');
  });

  it('is taken for the nearest of several', () => {
    expect(suggest('first_nme', ['last_name', 'full_name', 'first_name'])).toBe('first_name');
  });
});
