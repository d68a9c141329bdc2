import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactArgument, redactText, redactUrl } from './redact-url.ts';

describe('a password', () => {
  it.each([
    ['postgres://me:secret@host:5432/db', 'postgres://me:***@host:5432/db'],
    ['mysql://:secret@host/db', 'mysql://:***@host/db'],
    ['postgres://me:se@cr/et@host/db', 'postgres://me:***@host/db'],
    ['postgres://me:s e\'c"r@host/db', 'postgres://me:***@host/db'],
    ['postgres:/me:secret@host/db', 'postgres:/me:***@host/db'],
    ['me:secret@host/db', 'me:***@host/db'],
    [
      'postgres://host/db?user=me&password=secret&ssl=true',
      'postgres://host/db?user=me&password=***&ssl=true',
    ],
    ['host=h password=secret dbname=d', 'host=h password=*** dbname=d'],
  ])('is starred out of %j', (url, safe) => {
    expect(redactUrl(url)).toBe(safe);
  });

  it('is the only thing that is starred out', () => {
    for (const url of [
      'postgres://me@host:5432/db',
      'pglite:./lake/_warehouse',
      's3://bucket/a@b',
      './lake',
      '',
    ])
      expect(redactUrl(url)).toBe(url);
  });

  it('is starred out of prose', () => {
    expect(redactText('no route to "postgres://me:secret@host/db" at line 3:5 of a@b')).toBe(
      'no route to "postgres://me:***@host/db" at line 3:5 of a@b',
    );
  });

  it.each([
    ['postgres://me:secret@host/db', 'postgres://me:***@host/db'],
    ["--warehouse=mysql://me:se cr'et@host/db", '--warehouse=mysql://me:***@host/db'],
    ["select 'postgres://me:secret@host/db'", "select 'postgres://me:***@host/db'"],
    ['--lake=./lake:a@b', '--lake=./lake:a@b'],
    ['--json', '--json'],
  ])('is starred out of the argument %j', (argument, safe) => {
    expect(redactArgument(argument)).toBe(safe);
  });

  it('is never left in a URL, with any characters', () => {
    const piece = constantFrom('PW', '@', ':', '/', '?', '#', '%', ' ', "'", '"', '\n', '=', '&');
    assert(
      property(array(piece), (pieces) => {
        expect(redactUrl(`mysql://me:PW${pieces.join('')}PW@host/db`)).not.toContain('PW');
      }),
    );
  });
});
