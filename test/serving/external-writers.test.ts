import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  customer,
  loadCsv,
  loadOf,
  pieces,
  type LoadRow,
} from '../../src/lake/ports/warehouse-load-rows.ts';
import {
  dump,
  dumped,
  load,
  SECOND,
  SIX,
  stagedRows,
  STAGING,
} from '../../src/lake/ports/warehouse-fixture.ts';
import type { Load, Warehouse } from '../../src/lake/ports/warehouse.ts';
import { openMysql } from '../../src/warehouses/mysql/warehouse.ts';
import { openPostgres } from '../../src/warehouses/postgres/warehouse.ts';
import { startMariadb } from '../servers/mariadb.ts';
import { startPostgres } from '../servers/postgres.ts';
import { PASSWORD, type TestServer } from '../servers/process.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let postgres: TestServer;
let mariadb: TestServer;

beforeAll(async () => {
  [postgres, mariadb] = await Promise.all([startPostgres(), startMariadb()]);
});
afterAll(() => Promise.all([postgres.stop(), mariadb.stop()]));

const opened = async (server: TestServer, database: string): Promise<Warehouse> => {
  const url = await server.createDatabase(database);
  const open = url.startsWith('mysql:') ? openMysql : openPostgres;
  const warehouse = open({ url, random: Math.random });
  await warehouse.migrate();
  return warehouse;
};

const step = (toSeq: number): Partial<Load> => ({
  loadId: `load-${toSeq}`,
  fromSeq: toSeq === 1 ? null : toSeq - 1,
  toSeq,
  commit: `c${toSeq}`,
});

describe.each([
  ['PostgreSQL', () => postgres],
  ['MariaDB', () => mariadb],
] as const)('another writer of plain SQL on %s', (_name, server) => {
  test('appends continuously while loads are staged and applied, and neither disturbs the other', async () => {
    const warehouse = await opened(server(), 'concurrent');
    const session = await server().session('concurrent');
    const loadRows = (total: number): LoadRow[] =>
      Array.from({ length: 300 }, (_, i) => customer(i + 1, `${total}.00`));
    const ending = new AbortController();
    let appended = 0;
    const append = async (): Promise<void> => {
      while (!ending.signal.aborted) {
        const id = 1001 + (appended++ % 40);
        await session.sql(
          `INSERT INTO ${STAGING} (${SIX}) VALUES (${id}, 'Theirs', NULL, ${appended}, NULL, NULL)`,
        );
      }
    };
    const appending = append();
    let external = 0;
    for (let seq = 1; seq <= 12; seq++) {
      const applied = await load(warehouse, loadRows(seq), step(seq));
      expect(applied).toMatchObject({ outcome: 'applied', seq });
      external += applied.foreign;
    }
    ending.abort();
    await appending;
    await session.end();
    external += (await warehouse.upsert(undefined)).foreign;
    expect(appended).toBeGreaterThan(50);
    expect(external).toBe(appended);
    expect(await stagedRows(warehouse)).toBe(0);
    const lines = await dump(warehouse);
    expect(lines.slice(0, 300)).toEqual(dumped(loadRows(12)));
    const last = Array.from({ length: 40 }, (_, i) => {
      const rounds = Math.floor((appended - 1 - i) / 40);
      return JSON.stringify([
        String(1001 + i),
        'Theirs',
        null,
        `${i + 1 + 40 * rounds}.00`,
        null,
        null,
      ]);
    });
    expect(lines.slice(300)).toEqual(last);
  });
});

test("rows of Spark's JDBC append of the six columns, concurrent with a staged load, are applied before it on both servers", async () => {
  const ROWS = 40;
  const first = [customer(1), customer(100)];
  const second = [customer(2, '9.00'), customer(101)];
  const warehouses = await Promise.all([opened(postgres, 'spark'), opened(mariadb, 'spark')]);
  const staged = loadOf(second, SECOND);
  for (const warehouse of warehouses) {
    await load(warehouse, first);
    await warehouse.stage(staged, pieces(loadCsv(second)));
  }
  await sparkAppends(ROWS, [
    `jdbc:postgresql://127.0.0.1:${postgres.port}/spark`,
    `jdbc:mysql://127.0.0.1:${mariadb.port}/spark`,
  ]);
  const tables: string[][] = [];
  for (const warehouse of warehouses) {
    expect(await stagedRows(warehouse)).toBe(ROWS + second.length);
    expect(await warehouse.upsert(staged)).toEqual({
      outcome: 'applied',
      seq: 2,
      inserted: ROWS - 1 + 1,
      updated: 2,
      deleted: 0,
      foreign: ROWS,
    });
    expect(await stagedRows(warehouse)).toBe(0);
    tables.push(await dump(warehouse));
  }
  expect(tables[0]?.slice(0, 4)).toEqual([
    '["1","Spark 1","spark1@example.com","1.25","2026-02-28",null]',
    ...dumped([customer(2, '9.00')]),
    '["3","Spark 3","spark3@example.com","3.25","2026-02-28",null]',
    '["4","Spark 4",null,"4.25","2026-02-28",null]',
  ]);
  expect(tables[0]?.slice(ROWS)).toEqual(dumped([customer(100), customer(101)]));
  expect(tables[1]).toEqual(tables[0]);
});

async function sparkAppends(rows: number, urls: string[]): Promise<void> {
  const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const jars = ['postgresql-42.7.4.jar', 'mysql-connector-j-9.1.0.jar'].map((jar) =>
    file(`.venv/jars/${jar}`),
  );
  await promisify(execFile)(
    file('.venv/bin/python'),
    [file('test/servers/jdbc_append.py'), String(rows), ...urls],
    { env: { ...process.env, JDBC_PASSWORD: PASSWORD, JDBC_JARS: jars.join(':') } },
  );
}
