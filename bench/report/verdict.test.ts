import { expect, test } from 'vitest';
import { verdicts } from './verdict.ts';
import type { Contest } from '../parts/work.ts';

const ran = (name: string, full: string[], increment: string[], failed?: string): Contest => ({
  name,
  title: name,
  full: full.map(run),
  increment: increment.map(run),
  ...(failed === undefined ? {} : { failed }),
});
const run = (digest: string): Contest['full'][number] => ({
  wall: 1,
  cpu: 1,
  memory: 1,
  customers: 1,
  digest,
});

test('the expected table is the one that most other contenders produced, and this product is compared with it', () => {
  const contests = [
    ran('limit', ['a', 'a'], ['b', 'b']),
    ran('purchases', ['x'], ['b']),
    ran('purchases-spark', ['x'], ['b']),
    ran('polars', ['a'], ['b']),
    ran('pandas', ['a'], ['c']),
  ];
  expect(verdicts(contests)).toEqual(['right', 'wrong', 'wrong', 'right', 'wrong']);
});

test('a contender whose runs differ is wrong, and one that failed has failed', () => {
  const contests = [
    ran('limit', ['a'], ['b']),
    ran('polars', ['a'], ['b']),
    ran('dbt', ['a', 'y'], ['b', 'b']),
    ran('pandas', ['a'], ['b'], 'out of memory'),
  ];
  expect(verdicts(contests)).toEqual(['right', 'right', 'wrong', 'failed']);
});

test('without two other contenders that agree nothing is proven', () => {
  expect(verdicts([ran('purchases', ['a'], ['b']), ran('limit', ['a'], ['b'])])).toEqual([
    'unproven',
    'unproven',
  ]);
  expect(verdicts([ran('purchases', ['a', 'z'], ['b', 'b'])])).toEqual(['wrong']);
});
