import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPostgres } from '../servers/postgres.ts';
import type { TestServer } from '../servers/process.ts';
import { badDay, repeatedEvents } from './bad-day.ts';
import { newSeed } from './chaos.ts';
import { exercised } from './log.ts';

let postgres: TestServer;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

test('events that each arrive up to five times, in random order, do not change the table', async () => {
  await expect(repeatedEvents(postgres, newSeed())).resolves.toBeUndefined();
  exercised('events', 'starters');
});

test.each(['second', 'third'])(
  'a %s bad day, of another seed, ends in the same table',
  async () => {
    await expect(badDay(postgres, newSeed())).resolves.toBeUndefined();
  },
);
