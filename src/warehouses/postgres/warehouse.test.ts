import { afterAll, beforeAll } from 'vitest';
import { warehouseConformance } from '../../lake/ports/warehouse.conformance.ts';
import { startPostgres } from '../../../test/servers/postgres.ts';
import { failoverConformance } from '../../../test/servers/failover.conformance.ts';
import { serverConformance } from '../../../test/servers/server.conformance.ts';
import { PASSWORD, type TestServer } from '../../../test/servers/process.ts';
import { openPostgres } from './warehouse.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server.stop());

warehouseConformance('PostgreSQL', async () => {
  const url = await server.createDatabase('conformance');
  return {
    warehouse: openPostgres({ url, random: Math.random }),
    externalSql: async (statements) => void (await server.sql('conformance', statements)),
  };
});

serverConformance(
  'PostgreSQL',
  () => server,
  (url) => openPostgres({ url, random: Math.random }),
);

const ask = (statements: string): Promise<unknown> => server.sql('failover', statements);

failoverConformance(
  'PostgreSQL',
  () => server,
  (url) => openPostgres({ url, random: Math.random }),
  {
    application: `CREATE ROLE application LOGIN PASSWORD '${PASSWORD}'; GRANT ALL ON SCHEMA public TO application`,
    standby: {
      begin: () => ask('ALTER ROLE application SET default_transaction_read_only = on'),
      end: () => ask('ALTER ROLE application RESET default_transaction_read_only'),
    },
    full: {
      begin: () => ask('ALTER ROLE application CONNECTION LIMIT 0'),
      end: () => ask('ALTER ROLE application CONNECTION LIMIT -1'),
    },
    disconnect: () =>
      ask(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'application'`),
    crash: 'SIGQUIT',
  },
);
