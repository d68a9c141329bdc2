import { afterAll, beforeAll, expect, test } from 'vitest';
import { warehouseConformance } from '../../lake/ports/warehouse.conformance.ts';
import { startMariadb } from '../../../test/servers/mariadb.ts';
import { failoverConformance } from '../../../test/servers/failover.conformance.ts';
import { serverConformance } from '../../../test/servers/server.conformance.ts';
import { PASSWORD, type TestServer, type TestSession } from '../../../test/servers/process.ts';
import { mysqlMigrations } from '../mysql-schema.ts';
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
    tableOptions: ' ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
  };
});

serverConformance(
  'MariaDB',
  () => server,
  (url) => openMysql({ url, random: Math.random }),
);

const ask = (statements: string): Promise<unknown> => server.sql('failover', statements);
const crowd: TestSession[] = [];

failoverConformance(
  'MariaDB',
  () => server,
  (url) => openMysql({ url, random: Math.random }),
  {
    application: `CREATE USER application IDENTIFIED BY '${PASSWORD}'; GRANT ALL ON failover.* TO application`,
    standby: {
      begin: () => ask('SET GLOBAL read_only = ON'),
      end: () => ask('SET GLOBAL read_only = OFF'),
    },
    full: {
      async begin() {
        // The least that MariaDB takes; one more is kept for administrators.
        await ask('SET GLOBAL max_connections = 10');
        while (crowd.length < 10) crowd.push(await server.session('failover'));
      },
      async end() {
        await Promise.all(crowd.splice(0).map((session) => session.end()));
        await ask('SET GLOBAL max_connections = DEFAULT');
      },
    },
    disconnect: () => ask('KILL CONNECTION USER application'),
    crash: 'SIGKILL',
  },
);

test('a migration that was cut short after any of its statements is finished by the next', async () => {
  const statements = (mysqlMigrations.migrations[0]?.sql ?? '').split(/;\n/).slice(0, -1);
  expect(statements.length).toBeGreaterThan(10);
  for (const made of statements.keys()) {
    const url = await server.createDatabase(`cut_short_${made}`);
    await server.sql(`cut_short_${made}`, statements.slice(0, made + 1).join(';\n'));
    const warehouse = openMysql({ url, random: Math.random });
    expect(await warehouse.migrate()).toEqual(['001-serving-tables']);
    expect(await warehouse.state()).toEqual({ sync: undefined, empty: true, foreign: 0 });
  }
});
