import { afterAll, beforeAll, expect, test } from 'vitest';
import { warehouseConformance } from '../../lake/ports/warehouse.conformance.ts';
import { startMariadb } from '../../../test/servers/mariadb.ts';
import { failoverConformance } from '../../../test/servers/failover.conformance.ts';
import { serverConformance } from '../../../test/servers/server.conformance.ts';
import { PASSWORD, type TestServer, type TestSession } from '../../../test/servers/process.ts';
import { mysqlMigrations } from './migrations.ts';
import { WarehouseSchema } from '../../errors.ts';
import { openMysql } from './warehouse.ts';

let server: TestServer;
let odd = 0;

beforeAll(async () => {
  server = await startMariadb();
}, 60_000);
afterAll(() => server.stop());

warehouseConformance('MariaDB', async () => {
  const url = await server.createDatabase('conformance');
  return {
    warehouse: openMysql({ url, random: Math.random }),
    externalSql: async (statements) => void (await server.sql('conformance', statements)),
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
        // The minimum of MariaDB; one more is reserved for administrators.
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

test.each([
  [
    'a trigger',
    'CREATE TRIGGER rounds BEFORE INSERT ON customer_purchase_summary FOR EACH ROW SET NEW.total_spent_aud = ROUND(NEW.total_spent_aud)',
    /trigger rounds/,
  ],
  [
    'letters of three bytes',
    'ALTER TABLE customer_purchase_summary MODIFY full_name VARCHAR(255) CHARACTER SET utf8mb3',
    /of utf8mb3/,
  ],
  ['another engine', 'ALTER TABLE customer_purchase_summary ENGINE = MyISAM', /kept by MyISAM/],
  [
    'unsigned sums',
    'ALTER TABLE customer_purchase_summary MODIFY total_spent_aud DECIMAL(18,2) UNSIGNED',
    /unsigned/,
  ],
  [
    'a history of its rows',
    'ALTER TABLE customer_purchase_summary ADD SYSTEM VERSIONING',
    /system versioned/,
  ],
  [
    'no index of loads',
    'ALTER TABLE customer_purchase_summary_staging DROP INDEX customer_purchase_summary_staging_load',
    /_load on \(load_id, customer_id\) is missing/,
  ],
])('a table with %s is refused', async (_what, ddl, names) => {
  const database = `odd_${++odd}`;
  const url = await server.createDatabase(database);
  const warehouse = openMysql({ url, random: Math.random });
  await warehouse.migrate();
  await server.sql(database, ddl);
  await expect(warehouse.migrate()).rejects.toThrow(names);
  await expect(warehouse.migrate()).rejects.toThrow(WarehouseSchema);
});

test('a check of a column of the same name in another table is not mistaken for the serving table’s', async () => {
  const url = await server.createDatabase('same_names');
  const warehouse = openMysql({ url, random: Math.random });
  await warehouse.migrate();
  await server.sql(
    'same_names',
    'CREATE TABLE other (operation INT CHECK (operation > 3), only_row INT CHECK (only_row > 2))',
  );
  expect(await warehouse.migrate()).toEqual([]);
});

test('a migration that was cut short after any of its statements is finished by the next', async () => {
  const statements = (mysqlMigrations.migrations[0]?.sql ?? '').split(/;\n/).slice(0, -1);
  expect(statements.length).toBeGreaterThan(10);
  for (const applied of statements.keys()) {
    const url = await server.createDatabase(`cut_short_${applied}`);
    await server.sql(`cut_short_${applied}`, statements.slice(0, applied + 1).join(';\n'));
    const warehouse = openMysql({ url, random: Math.random });
    expect(await warehouse.migrate()).toEqual(['001-serving-tables']);
    expect(await warehouse.state()).toEqual({ sync: undefined, empty: true, foreign: 0 });
  }
});
