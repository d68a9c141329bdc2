import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPostgres } from '../servers/postgres.ts';
import type { TestServer } from '../servers/process.ts';
import { badDay } from './bad-day.ts';
import { newSeed } from './chaos.ts';
import { exercised } from './log.ts';

let postgres: TestServer;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

test('a day of lost, late, repeated and reordered events, busy services, killed functions, poison and concurrent runs ends in the same table', async () => {
  await expect(badDay(postgres, newSeed())).resolves.toBeUndefined();
  exercised('upload', 'events', 'starters', 'machine', 'lambda', 'catalog', 'database', 'weather');
});
