import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { load } from '../../lake/ports/warehouse-fixture.ts';
import { customer } from '../../lake/ports/warehouse-load-rows.ts';
import { warehouseConformance } from '../../lake/ports/warehouse.conformance.ts';
import { startPostgres } from '../../../test/servers/postgres.ts';
import { failoverConformance } from '../../../test/servers/failover.conformance.ts';
import { serverConformance } from '../../../test/servers/server.conformance.ts';
import { PASSWORD, type TestServer } from '../../../test/servers/process.ts';
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

describe('PostgreSQL fills an empty table', () => {
  const INDEX = `SELECT indexrelid::int AS oid, pg_get_indexdef(indexrelid) AS made FROM pg_index
WHERE indrelid = 'customer_purchase_summary'::regclass AND NOT indisprimary AND indisvalid`;
  const many = Array.from({ length: 10_000 }, (_, index) => customer(index + 1));
  const filled = (statements: string): ReturnType<TestServer['sql']> =>
    server.sql('filled', statements);
  let url: string;

  beforeEach(async () => {
    url = await server.createDatabase('filled');
    await openPostgres({ url, random: Math.random }).migrate();
    return async () => void (await server.sql('postgres', 'DROP DATABASE filled WITH (FORCE)'));
  });
  const fill = (rows: typeof many): ReturnType<typeof load> =>
    load(openPostgres({ url, random: Math.random }), rows);

  test('with the index built anew as it was made, whoever changed it', async () => {
    await filled(`DROP INDEX customer_purchase_summary_total_spent_aud;
      CREATE INDEX customer_purchase_summary_total_spent_aud ON customer_purchase_summary (total_spent_aud DESC, customer_id) WITH (fillfactor = 70)`);
    const [before] = await filled(INDEX);
    expect(await fill(many)).toMatchObject({ inserted: 10_000 });
    const after = await filled(INDEX);
    expect(after).toEqual([{ oid: expect.any(Number), made: before?.['made'] }]);
    expect(after[0]?.['oid']).not.toBe(before?.['oid']);
  });

  test('without an index, where it was dropped', async () => {
    await filled('DROP INDEX customer_purchase_summary_total_spent_aud');
    await fill(many);
    expect(await filled(INDEX)).toEqual([]);
  });

  test('row by row, with the index in place, while a reader is at the table or the rows are few', async () => {
    const before = await filled(INDEX);
    expect(await fill(many.slice(1))).toMatchObject({ inserted: 9_999 });
    expect(await filled(INDEX)).toEqual(before);
    await filled(
      'DELETE FROM customer_purchase_summary; UPDATE customer_purchase_sync_state SET lake = NULL, seq = NULL, commit = NULL',
    );
    const reader = await server.session('filled');
    await reader.sql('BEGIN; SELECT count(*) FROM customer_purchase_summary');
    expect(await fill(many)).toMatchObject({ inserted: 10_000 });
    await reader.end();
    expect(await filled(INDEX)).toEqual(before);
  });

  test('not for a role that may not insert', async () => {
    await filled(`DROP ROLE IF EXISTS onlooker; CREATE ROLE onlooker LOGIN PASSWORD '${PASSWORD}'`);
    const onlooker = await server.session('filled', 'onlooker');
    await expect(onlooker.sql(`SELECT customer_purchase_fill('a')`)).rejects.toThrow(
      'onlooker may not insert into customer_purchase_summary',
    );
    await onlooker.end();
  });
});
