import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LoadIncomplete, RemoteFailed } from '../../errors.ts';
import { dump, dumped, load } from '../../lake/ports/warehouse-fixture.ts';
import {
  customer,
  loadCsv,
  loadOf,
  type LoadRow,
  pieces,
} from '../../lake/ports/warehouse-load-rows.ts';
import type { Warehouse } from '../../lake/ports/warehouse.ts';
import { PASSWORD, type TestServer } from '../../../test/servers/process.ts';
import { startPostgres } from '../../../test/servers/postgres.ts';
import { openPostgres } from './warehouse.ts';

const STAGING = 'customer_purchase_summary_staging';
const MADE = `SELECT indexrelid::int AS oid, pg_get_indexdef(indexrelid) AS made FROM pg_index
WHERE indrelid = 'customer_purchase_summary'::regclass AND indisvalid ORDER BY made`;

let server: TestServer;
let url: string;
const ask = (statements: string): ReturnType<TestServer['sql']> => server.sql('bulk', statements);
const open = (): Warehouse => openPostgres({ url, random: () => 0 });
const customers = (rows: number): LoadRow[] =>
  Array.from({ length: rows }, (_, index) => customer(index + 1));

beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server.stop());
beforeEach(async () => {
  url = await server.createDatabase('bulk');
  await open().migrate();
  return async () => void (await server.sql('postgres', 'DROP DATABASE bulk WITH (FORCE)'));
});

describe('PostgreSQL fills an empty table', () => {
  const many = customers(10_000);

  test('and rebuilds the key and the index as they were defined, after a change by any writer', async () => {
    await ask(`DROP INDEX customer_purchase_summary_total_spent_aud;
      CREATE INDEX customer_purchase_summary_total_spent_aud ON customer_purchase_summary (total_spent_aud DESC, customer_id) WITH (fillfactor = 70);
      ALTER TABLE customer_purchase_summary RENAME CONSTRAINT customer_purchase_summary_pkey TO "Our key"`);
    const before = await ask(MADE);
    expect(await load(open(), many)).toMatchObject({ inserted: 10_000 });
    const after = await ask(MADE);
    expect(after.map(({ made }) => made)).toEqual(before.map(({ made }) => made));
    const kept = new Set(before.map(({ oid }) => oid));
    expect(after.filter(({ oid }) => kept.has(oid))).toEqual([]);
  });

  test('without an index, where it was dropped', async () => {
    await ask(
      'ALTER TABLE customer_purchase_summary DROP CONSTRAINT customer_purchase_summary_pkey; DROP INDEX customer_purchase_summary_total_spent_aud',
    );
    expect(await load(open(), many)).toMatchObject({ inserted: 10_000 });
    expect(await ask(MADE)).toEqual([]);
  });

  test.each([
    [
      'a foreign key depends',
      'CREATE TABLE note (customer_id INT REFERENCES customer_purchase_summary)',
    ],
    [
      'rows are identified',
      'ALTER TABLE customer_purchase_summary REPLICA IDENTITY USING INDEX customer_purchase_summary_pkey',
    ],
    [
      'a setting of the index depends',
      'ALTER INDEX customer_purchase_summary_pkey SET (fillfactor = 70)',
    ],
  ])('with its key in place, where %s on it', async (_what, statement) => {
    await ask(statement);
    const [index, key] = await ask(MADE);
    expect(await load(open(), many)).toMatchObject({ inserted: 10_000 });
    const after = await ask(MADE);
    expect(after).toEqual([{ ...index, oid: expect.any(Number) }, key]);
    expect(after[0]?.['oid']).not.toBe(index?.['oid']);
  });

  test('row by row, with both in place, where a trigger waits for the end of the transaction', async () => {
    await ask(`CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER noted AFTER INSERT ON customer_purchase_summary DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION noted()`);
    const before = await ask(MADE);
    expect(await load(open(), many)).toMatchObject({ inserted: 10_000 });
    expect(await ask(MADE)).toEqual(before);
  });

  test('row by row, with both in place, while a reader uses the table or the rows are few', async () => {
    const before = await ask(MADE);
    expect(await load(open(), many.slice(1))).toMatchObject({ inserted: 9_999 });
    expect(await ask(MADE)).toEqual(before);
    await ask(
      'DELETE FROM customer_purchase_summary; UPDATE customer_purchase_sync_state SET lake = NULL, seq = NULL, commit = NULL',
    );
    const reader = await server.session('bulk');
    await reader.sql('BEGIN; SELECT count(*) FROM customer_purchase_summary');
    expect(await load(open(), many)).toMatchObject({ inserted: 10_000 });
    await reader.end();
    expect(await ask(MADE)).toEqual(before);
  });
});

describe('PostgreSQL clears a load of many rows', () => {
  const staged = (loadId: string | null): Promise<unknown> =>
    ask(`INSERT INTO ${STAGING} (customer_id, load_id)
      SELECT n, ${loadId === null ? 'NULL' : `'${loadId}'`} FROM generate_series(1, ${loadId === null ? 1 : 10_000}) AS n`);
  const left = async (): Promise<unknown> =>
    (
      await ask(
        `SELECT count(*)::int AS rows, pg_relation_size('${STAGING}')::int AS bytes FROM ${STAGING}`,
      )
    )[0];

  test('and no row or page of it remains', async () => {
    await load(open(), customers(10_000));
    expect(await left()).toEqual({ rows: 0, bytes: 0 });
  });

  test('but no row of another writer', async () => {
    await staged('ours');
    await staged(null);
    await ask(`SELECT customer_purchase_clear('ours')`);
    expect(await left()).toMatchObject({ rows: 1 });
  });

  test('and waits for no writer, whose row stays', async () => {
    await staged('ours');
    const writer = await server.session('bulk');
    await writer.sql(`BEGIN; INSERT INTO ${STAGING} (customer_id) VALUES (1)`);
    await ask(`SELECT customer_purchase_clear('ours')`);
    await writer.sql('COMMIT');
    await writer.end();
    expect(await left()).toMatchObject({ rows: 1 });
  });

  test('but no row that came after the snapshot of a stricter transaction', async () => {
    await staged('ours');
    const strict = await server.session('bulk');
    await strict.sql(`BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM ${STAGING}`);
    await staged(null);
    await strict.sql(`SELECT customer_purchase_clear('ours'); COMMIT`);
    await strict.end();
    expect(await left()).toMatchObject({ rows: 1 });
  });
});

test.each([
  ['fill', 'insert into customer_purchase_summary'],
  ['clear', `delete from ${STAGING}`],
])('a role that may not itself do so cannot %s by the function', async (name, what) => {
  await ask(`DROP ROLE IF EXISTS onlooker; CREATE ROLE onlooker LOGIN PASSWORD '${PASSWORD}'`);
  const onlooker = await server.session('bulk', 'onlooker');
  await expect(onlooker.sql(`SELECT customer_purchase_${name}('a')`)).rejects.toThrow(
    `onlooker may not ${what}`,
  );
  await onlooker.end();
});

test('a temporary table of the same name does not run as the owner', async () => {
  await ask(`DROP ROLE IF EXISTS onlooker; CREATE ROLE onlooker LOGIN PASSWORD '${PASSWORD}'`);
  const onlooker = await server.session('bulk', 'onlooker');
  await onlooker.sql(`CREATE TEMP TABLE ${STAGING} (load_id TEXT, customer_id INT);
    INSERT INTO ${STAGING} VALUES ('a', 1)`);
  await expect(onlooker.sql(`SELECT customer_purchase_clear('a')`)).rejects.toThrow(
    `onlooker may not delete from ${STAGING}`,
  );
  await onlooker.end();
});

describe('PostgreSQL copies a large load over two connections', () => {
  const many = customers(50_000);
  const whole = loadOf(many);
  const csv = loadCsv(many);

  /** Slow as a disk may be: both connections are open before the first has sent it all. */
  async function* slow(): AsyncGenerator<Uint8Array> {
    for await (const bytes of pieces(csv, 65_536)) {
      await setTimeout(2);
      yield bytes;
    }
  }

  test('each row once', async () => {
    await open().stage(whole, slow());
    expect(
      await ask(
        `SELECT count(*)::int AS rows, count(DISTINCT customer_id)::int AS customers, count(DISTINCT xmin::text)::int AS copies FROM ${STAGING}`,
      ),
    ).toEqual([{ rows: 50_000, customers: 50_000, copies: 2 }]);
  });

  test('or over one, if no second is available', async () => {
    await ask(`CREATE ROLE single LOGIN PASSWORD '${PASSWORD}' CONNECTION LIMIT 1;
      GRANT ALL ON ALL TABLES IN SCHEMA public TO single`);
    await openPostgres({ url: server.url('bulk', 'single'), random: () => 0 }).stage(whole, slow());
    expect(
      await ask(
        `SELECT count(*)::int AS rows, count(DISTINCT xmin::text)::int AS copies FROM ${STAGING}`,
      ),
    ).toEqual([{ rows: 50_000, copies: 1 }]);
  });

  test('and if one of them breaks, the staged rows are not a load until they are staged again', async () => {
    async function* breaking(): AsyncGenerator<Uint8Array> {
      let sent = 0;
      for await (const bytes of slow()) {
        sent += 1;
        if (sent === 25)
          await ask(
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%COPY ${STAGING}%' AND pid <> pg_backend_pid() LIMIT 1`,
          );
        yield bytes;
      }
    }
    await expect(open().stage(whole, breaking())).rejects.toBeInstanceOf(RemoteFailed);
    await expect(open().upsert(whole)).rejects.toBeInstanceOf(LoadIncomplete);
    await open().stage(whole, pieces(csv, 65_536));
    expect(await open().upsert(whole)).toMatchObject({ outcome: 'applied', inserted: 50_000 });
    expect(await dump(open())).toEqual(dumped(many));
  });
});
