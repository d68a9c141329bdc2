import { afterAll, beforeAll } from 'vitest';
import { warehouseConformance } from '../../lake/ports/warehouse.conformance.ts';
import { startPostgres, type TestPostgres } from '../../../test/servers/postgres.ts';
import { openPostgres } from './postgres.ts';

let server: TestPostgres;

beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server.stop());

warehouseConformance('PostgreSQL', async () => {
  const url = await server.createDatabase('conformance');
  return {
    warehouse: openPostgres({ url, random: Math.random }),
    outside: async (statements) => void (await server.sql('conformance', statements)),
  };
});
