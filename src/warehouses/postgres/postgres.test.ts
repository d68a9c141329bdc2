import { afterAll, beforeAll } from 'vitest';
import { warehouseConformance } from '../../lake/ports/warehouse.conformance.ts';
import { startPostgres } from '../../../test/servers/postgres.ts';
import { serverConformance } from '../../../test/servers/server.conformance.ts';
import type { TestServer } from '../../../test/servers/process.ts';
import { openPostgres } from './postgres.ts';

let server: TestServer;

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

serverConformance(
  'PostgreSQL',
  () => server,
  (url) => openPostgres({ url, random: Math.random }),
);
