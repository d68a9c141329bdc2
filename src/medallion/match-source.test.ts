import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitsGlob, globExpression, globFault, matchSource } from './match-source.ts';
import type { Source } from './source.ts';

const source = (name: string, match: string): Source => ({
  name,
  match,
  rows: 'purchases',
  format: { decimal: '.', thousands: '' },
  dateFormats: [],
  fields: {},
  deletes: [],
});

/** The definition, character by character, slow and simple. */
function naive(glob: string, key: string, atFolder = true): boolean {
  if (glob === '') return key === '';
  if (glob.startsWith('**/') && atFolder && naive(glob.slice(3), key, true)) return true;
  if (glob.startsWith('**/') && atFolder)
    return key
      .split('')
      .some((character, at) => character === '/' && naive(glob.slice(3), key.slice(at + 1), true));
  if (glob.startsWith('**')) return tails(key).some((tail) => naive(glob.slice(2), tail, false));
  if (glob.startsWith('*'))
    return tails(key, '/').some((tail) => naive(glob.slice(1), tail, false));
  return key !== '' && glob[0] === key[0] && naive(glob.slice(1), key.slice(1), glob[0] === '/');
}

/** The possible rests of a key after a wildcard, which never matches `stop`. */
function tails(key: string, stop?: string): string[] {
  const longest = stop === undefined || !key.includes(stop) ? key.length : key.indexOf(stop);
  return Array.from({ length: longest + 1 }, (_, length) => key.slice(length));
}

describe('the source of an object', () => {
  it('is the first whose glob fits the key', () => {
    const sources = [source('shop', 'shop/**'), source('till', '*.csv'), source('rest', '**')];
    const nameOf = (key: string) => matchSource(sources, key)?.name;
    expect(nameOf('shop/2026/01/31/a.csv')).toBe('shop');
    expect(nameOf('a.csv')).toBe('till');
    expect(nameOf('other/a.csv')).toBe('rest');
    expect(matchSource(sources.slice(0, 2), 'other/a.csv')).toBeUndefined();
  });

  it.each([
    ['shop/*.csv', 'shop/a.csv', true],
    ['shop/*.csv', 'shop/b/a.csv', false],
    ['shop/**', 'shop/b/a.csv', true],
    ['shop/**', 'shopping/a.csv', false],
    ['**/*.csv', 'a.csv', true],
    ['**/*.csv', 'x/y/a.csv', true],
    ['a/**/b.csv', 'a/b.csv', true],
    ['a/**/b.csv', 'a/x/y/b.csv', true],
    ['a/**/b.csv', 'ab.csv', false],
    ['a**/b', 'ab', false],
    ['a**/b', 'ax/y/b', true],
    ['a?[1].csv', 'a?[1].csv', true],
    ['a?.csv', 'ab.csv', false],
    ['{a,b}.csv', 'a.csv', false],
    ['a.csv', 'axcsv', false],
    ['Shop/*', 'shop/a', false],
    ['**', 'line\nbreak/ü 😀.csv', true],
  ])('%j against %j is %s: only * and ** are special', (glob, key, fits) => {
    expect(fitsGlob(glob, key)).toBe(fits);
    expect(new RegExp(globExpression(glob), 'su').test(key)).toBe(fits);
  });

  it('matches as the definition does, for any glob and key', () => {
    const glob = fc.array(fc.constantFrom('*', '**', '/', 'a', 'b', '.', '?', '[', '**/', 'a/'), {
      maxLength: 7,
    });
    const key = fc.array(fc.constantFrom('/', 'a', 'b', '.', '?', '['), { maxLength: 9 });
    fc.assert(
      fc.property(glob, key, (pieces, characters) => {
        const pattern = pieces.join('');
        fc.pre(!pattern.includes('***'));
        const text = characters.join('');
        expect(fitsGlob(pattern, text)).toBe(naive(pattern, text));
        expect(new RegExp(globExpression(pattern), 'su').test(text)).toBe(naive(pattern, text));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('the work that a glob takes', () => {
  const workOf = (glob: string, key: string): number => {
    let work = 0;
    fitsGlob(glob, key, (amount) => (work += amount));
    return work;
  };

  it.each([
    ['shop/*-*-*-*-*.csv', `shop/${'-'.repeat(1000)}x.txt`],
    ['*a'.repeat(200), 'a'.repeat(1000)],
    [`${'**a'.repeat(200)}z`, 'a'.repeat(1000)],
    [`${'**/'.repeat(200)}z`, 'a/'.repeat(500)],
    [`${'**/*a'.repeat(100)}z`, 'aa/a'.repeat(250)],
  ])('is at most the product of both lengths: %j', (glob, key) => {
    expect(fitsGlob(glob, key)).toBe(glob === '*a'.repeat(200));
    expect(workOf(glob, key)).toBeLessThanOrEqual((glob.length + 1) * (key.length + 1));
  });

  it('is at most that for any glob and key', () => {
    const glob = fc.array(fc.constantFrom('*', '**', '/', 'a', 'ab', '**/'), { maxLength: 30 });
    const key = fc.array(fc.constantFrom('/', 'a', 'b'), { maxLength: 60 });
    fc.assert(
      fc.property(glob, key, (pieces, characters) => {
        const [pattern, text] = [pieces.join(''), characters.join('')];
        expect(workOf(pattern, text)).toBeLessThanOrEqual((pattern.length + 1) * (text.length + 1));
      }),
    );
  });
});

describe('a glob', () => {
  it.each([
    ['', 'must not be empty'],
    ['/shop/**', 'write shop/**'],
    ['bronze/shop/**', 'write shop/**'],
    ['bronze/', 'write **'],
    ['shop/***', 'holds ***'],
    ['shop\\*', 'backslash'],
    ['shop//a', 'empty, . or .. folder'],
    ['../shop', 'empty, . or .. folder'],
    ['shop/', 'end with /**'],
  ])('rejects %j: %s', (glob, message) => {
    expect(globFault(glob)).toContain(message);
  });

  it('is good where it names folders and files below bronze/', () => {
    for (const glob of ['**', '*', 'shop/**', 'a/*/b-*.csv', 'bronze-2/**', 'a [1]/?.csv'])
      expect(globFault(glob)).toBeUndefined();
  });
});
