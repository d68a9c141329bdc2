import { afterAll, beforeAll } from 'vitest';
import { warehouseConformance } from '../../lake/ports/warehouse.conformance.ts';
import { startMariadb } from '../../../test/servers/mariadb.ts';
import { serverConformance } from '../../../test/servers/server.conformance.ts';
import type { TestServer } from '../../../test/servers/process.ts';
import { openMysql } from './mysql.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startMariadb();
}, 60_000);
afterAll(() => server.stop());

warehouseConformance('MariaDB', async () => {
  const url = await server.createDatabase('conformance');
  return {
    warehouse: openMysql({ url, random: Math.random }),
    outside: async (statements) => void (await server.sql('conformance', statements)),
  };
});

serverConformance(
  'MariaDB',
  () => server,
  (url) => openMysql({ url, random: Math.random }),
);
