import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { openSession } from './session.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'profiles-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Profile = {
  query_name: string;
  children: { operator_type: string; operator_timing: number }[];
};

test('keeps one profile for each statement, in order, also when appenders run between them', async () => {
  const profiles = join(folder, 'profiles');
  const statements = [
    'create temp table t as select range as n from range(1000)',
    'select count(*) from t',
    'drop table t',
  ];
  {
    await using session = await openSession({
      memoryLimit: '100MB',
      scratch: join(folder, 'scratch'),
      signal: new AbortController().signal,
      profiles,
    });
    const [create = '', select = '', drop = ''] = statements;
    await session.run(create);
    const appender = await session.connection.createAppender('t');
    appender.appendBigInt(1n);
    appender.endRow();
    appender.closeSync();
    expect(await session.rows(select)).toEqual([{ 'count_star()': '1001' }]);
    await expect(session.run('select * from nowhere')).rejects.toThrow('nowhere');
    await session.run(drop);
  }
  const names = (await readdir(profiles)).filter((name) => name !== 'newest.json').toSorted();
  const saved = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(profiles, name), 'utf8')) as Profile),
  );
  // The profiles before them are of the session's own settings.
  expect(saved.map(({ query_name }) => query_name).slice(-3)).toEqual(statements);
  const [created] = saved.at(-3)?.children ?? [];
  expect(created?.operator_type).toMatch(/CREATE_TABLE_AS$/);
  expect(created?.operator_timing).toBeGreaterThan(0);
});
