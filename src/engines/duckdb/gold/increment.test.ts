import { describe, expect, test } from 'vitest';

import {
  type Chapter,
  forgetfulEngine,
  type Story,
  story,
} from '../../../../test/support/lake-story.ts';

const DAYS = '2026-01-05 2026-01-05';
const ADA = '1,Ada,ada@x.y,p1,2026-01-05,10';
const ADA_AGAIN = '1,Ada,ada@x.y,p2,2026-01-05,5';
const BOB = '2,Bob,bob@x.y,p1,2026-01-05,10';

/** Plays a story and checks that each chapter is an increment and the result equals a rebuild. */
async function increment(...lake: Parameters<typeof story>): Promise<Story> {
  const played = await story(...lake);
  expect(played.tasks.map(({ before }) => before !== undefined)).toEqual(
    played.tasks.map((_, index) => index > 0),
  );
  const { gold, digest, outcomes, rebuilt } = played;
  expect({ gold, digest, outcomes }).toEqual(rebuilt);
  return played;
}

describe('a purchase that names several customers', () => {
  test('is removed from the customer of an older version that did not arrive with the change', async () => {
    const { gold } = await increment({ 'a.csv': [ADA, ADA_AGAIN] }, [{ 'b.csv': [BOB] }]);
    expect(gold).toEqual([`1 Ada ada@x.y 5.00 ${DAYS} 1`, `2 Bob bob@x.y 10.00 ${DAYS} 1`]);
  });

  test('returns to the customer of an older version after the newer version departs', async () => {
    const { gold, shared } = await increment({ 'a.csv': [ADA], 'b.csv': [BOB] }, [
      { 'b.csv': undefined },
    ]);
    expect(gold).toEqual([`1 Ada ada@x.y 10.00 ${DAYS} 1`]);
    expect(shared).toEqual([]);
  });

  const again: Chapter = { 'c.csv': [ADA_AGAIN] };
  const later = [`1 Ada ada@x.y 5.00 ${DAYS} 1`, `2 Bob bob@x.y 10.00 ${DAYS} 1`];

  test('is recorded by a rebuild, and stays with the second customer when the first one buys again', async () => {
    const { gold, tasks } = await increment({ 'a.csv': [ADA], 'b.csv': [BOB] }, [again]);
    expect(gold).toEqual(later);
    expect(tasks.at(-1)?.before?.shared).toEqual([['shop', 'p1']]);
  });

  test('is recorded by an increment, and stays with the second customer when the first one buys again', async () => {
    const { gold, shared } = await increment({ 'a.csv': [ADA] }, [{ 'b.csv': [BOB] }, again]);
    expect(gold).toEqual(later);
    expect(shared).toEqual([['shop', 'p1']]);
  });

  test('stays recorded while increments touch other customers', async () => {
    const other: Chapter = { 'd.csv': ['3,Cyd,cyd@x.y,p3,2026-01-05,1'] };
    const { shared } = await increment({ 'a.csv': [ADA], 'b.csv': [BOB] }, [other, again]);
    expect(shared).toEqual([['shop', 'p1']]);
  });

  test('stays deleted by a row without a customer when its customer buys again', async () => {
    const { gold, shared } = await increment({ 'a.csv': [ADA] }, [
      { 'b.csv': [',,,p1,,,,cancelled'] },
      again,
    ]);
    expect(gold).toEqual([`1 Ada ada@x.y 5.00 ${DAYS} 1`]);
    expect(shared).toEqual([['shop', 'p1']]);
  });

  test('is searched for if the ledger does not record shared purchases', async () => {
    const { gold, tasks } = await increment({ 'a.csv': [ADA] }, [{ 'b.csv': [BOB] }, again], {
      engine: forgetfulEngine,
    });
    expect(gold).toEqual(later);
    expect(tasks.at(-1)?.before?.shared).toBeUndefined();
  });

  test('is found by its customer key in a departed row and in an arrived row', async () => {
    const key = (row: string, id: string): string => row.replace(/^\d/, id);
    const [ada, bob, adaAgain] = [key(ADA, 'k-a'), key(BOB, 'k-b'), key(ADA_AGAIN, 'k-a')];
    const chapters: Chapter[] = [{ 'b.csv': [bob] }, { 'b.csv': undefined, 'c.csv': [adaAgain] }];
    const { gold } = await increment({ 'a.csv': [ada] }, chapters, { customer: 'customer_key' });
    expect(gold).toEqual([`1000000001 Ada ada@x.y 15.00 ${DAYS} 2`]);
  });

  test('is not recorded if there are more than 1,000, and is searched for from then on', async () => {
    const rows = (customer: number): string[] =>
      Array.from({ length: 1000 }, (_, index) => `${customer},,,s${index},2026-01-05,1`);
    const last = (row: string): string => row.replace('p1', 'zz');
    const { gold, tasks, shared } = await increment({ 'a.csv': rows(7), 'b.csv': rows(8) }, [
      { 'y.csv': [last(ADA)] },
      { 'z.csv': [last(BOB)] },
      again,
    ]);
    expect(tasks.map(({ before }) => before?.shared?.length)).toEqual([
      undefined,
      1000,
      1000,
      undefined,
    ]);
    expect(shared).toBeUndefined();
    expect(gold).toEqual([...later, `8 null null 1000.00 ${DAYS} 1000`]);
  });
});

describe('the outcome of a version whose winner did not arrive with it', () => {
  test.each([
    ['superseded', 'an older version with other values', `${ADA},1`, `${ADA.replace('10', '9')},2`],
    ['duplicate', 'a copy with an older day', `${ADA},2`, `${ADA},2`],
  ])('is %s: %s', async (fate, _, row, winner) => {
    const late = '2026-04-01/late.csv';
    const { outcomes } = await increment({ 'a.csv': [winner] }, [{ [late]: [row, ADA_AGAIN] }]);
    expect(outcomes).toEqual([`late.csv accepted:1 ${fate}:1`]);
  });
});

describe('name and e-mail of a customer whose newest purchase', () => {
  const older = '1,Old,old@x.y,p0,2025-12-01,1';
  const changes: [how: string, change: Chapter, gold: string[]][] = [
    ['is removed', { 'a.csv': undefined }, ['1 Old old@x.y 1.00 2025-12-01 2025-12-01 1']],
    [
      'loses both',
      { 'b.csv': ['1,,,p1,2026-01-05,10'] },
      ['1 Old old@x.y 11.00 2025-12-01 2026-01-05 2'],
    ],
    [
      'loses the name',
      { 'b.csv': ['1,,new@x.y,p1,2026-01-05,10'] },
      ['1 Old new@x.y 11.00 2025-12-01 2026-01-05 2'],
    ],
    [
      'loses the address',
      { 'b.csv': ['1,New,,p1,2026-01-05,10'] },
      ['1 New old@x.y 11.00 2025-12-01 2026-01-05 2'],
    ],
    [
      'is deleted',
      { 'b.csv': [',,,p1,,,,cancelled'] },
      ['1 Old old@x.y 1.00 2025-12-01 2025-12-01 1'],
    ],
    [
      'moves to another',
      { 'b.csv': ['2,,,p1,2026-01-05,10'] },
      ['1 Old old@x.y 1.00 2025-12-01 2025-12-01 1', `2 null null 10.00 ${DAYS} 1`],
    ],
    [
      'is dated before another',
      { 'b.csv': ['1,Ada,ada@x.y,p1,2025-11-30,10'] },
      ['1 Old old@x.y 11.00 2025-11-30 2025-12-01 2'],
    ],
  ];
  test.each(changes)('%s are those of the purchase before', async (_, change, gold) => {
    const played = await increment({ 'a.csv': [ADA], 'old.csv': [older] }, [change]);
    expect(played.gold).toEqual(gold);
  });

  test('was the only one with them are removed with it', async () => {
    const bare = older.replace('Old,old@x.y', ',');
    const change = { 'b.csv': ['1,,,p1,2026-01-05,10'] };
    const { gold } = await increment({ 'a.csv': [ADA], 'old.csv': [bare] }, [change]);
    expect(gold).toEqual(['1 null null 11.00 2025-12-01 2026-01-05 2']);
  });

  test('stays, while another changes or a new one has neither, do not change', async () => {
    const { gold } = await increment({ 'a.csv': [ADA], 'old.csv': [older] }, [
      { 'b.csv': ['1,Ever,ever@x.y,p0,2025-12-01,2'] },
      { 'c.csv': ['1,,,p3,2026-02-01,-4'] },
    ]);
    expect(gold).toEqual(['1 Ada ada@x.y 8.00 2025-12-01 2026-01-05 2']);
  });

  test('is before 1970 are found, and the later purchase of a day wins', async () => {
    const day = (row: string): string => row.replace('2026-01-05', '1969-12-30');
    const { gold } = await increment({ 'a.csv': [day(ADA), day(ADA_AGAIN)] }, [
      { 'b.csv': ['2,Bob,,p2,1969-12-30,5'] },
      { 'c.csv': ['1,Eve,,p4,1969-12-30,-1'] },
    ]);
    const days = '1969-12-30 1969-12-30';
    expect(gold).toEqual([`1 Eve ada@x.y 9.00 ${days} 1`, `2 Bob null 5.00 ${days} 1`]);
  });
});

describe('an increment', () => {
  const nameOf = (index: number): string => `f${String(index).padStart(2, '0')}.csv`;
  const files = (count: number): Chapter =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        nameOf(index),
        [`1,Name${index},,p1,2026-01-05,${index}`, `2,Bob,,q${index},2026-01-05,1`],
      ]),
    );

  // Up to 64 files are read one by one.
  test.each([5, 70])(
    'removes the rows of one of %i files that share a silver file',
    async (count) => {
      const change = { [nameOf(count - 1)]: undefined, 'g.csv': ['2,Bo,,q0,2026-01-05,3'] };
      const { gold } = await increment(files(count), [change]);
      expect(gold).toEqual([
        `1 Name${count - 2} null ${count - 2}.00 ${DAYS} 1`,
        `2 Bo null ${count + 1}.00 ${DAYS} ${count - 1}`,
      ]);
    },
  );

  test('removes the previous rows of a file whose new rows are all rejected', async () => {
    const rejected = { 'b.csv': ['nobody,,,p1,2026-01-05,10'] };
    const { gold, outcomes } = await increment({ 'a.csv': [ADA], 'b.csv': [BOB] }, [rejected]);
    expect(gold).toEqual([`1 Ada ada@x.y 10.00 ${DAYS} 1`]);
    expect(outcomes).toEqual(['b.csv quarantined:1']);
  });

  test('changes nothing if only rejected rows arrive', async () => {
    const { gold } = await increment({ 'a.csv': [ADA] }, [
      { 'b.csv': ['nobody,,,p1,2026-01-05,1'] },
    ]);
    expect(gold).toEqual([`1 Ada ada@x.y 10.00 ${DAYS} 1`]);
  });

  test('leaves no customer after the last accepted rows depart', async () => {
    const rejected = { 'others.csv': Array.from({ length: 80 }, () => 'nobody,,,p9,2026-01-05,1') };
    const played = await increment({ ...rejected, 'a.csv': [ADA] }, [{ 'a.csv': undefined }]);
    expect(played.gold).toEqual([]);
  });

  test('leaves no purchase dates for a customer with only refunds', async () => {
    const { gold } = await increment({ 'a.csv': [ADA] }, [
      { 'b.csv': ['1,Ada,,p1,2026-01-05,-3'] },
    ]);
    expect(gold).toEqual(['1 Ada null -3.00 null null 0']);
  });
});
