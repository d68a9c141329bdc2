import { createHash } from 'node:crypto';
import pg from 'pg';
import { to } from 'pg-copy-streams';
import { startPostgres } from '../test/servers/postgres.ts';
import type { TestServer } from '../test/servers/process.ts';

const TABLES = `
CREATE TABLE customer_purchase_summary_staging (
  customer_id         INT,
  full_name           VARCHAR(255),
  email               VARCHAR(255),
  total_spent_aud     DECIMAL(18,2),
  first_purchase_date DATE,
  last_purchase_date  DATE
);
CREATE TABLE customer_purchase_summary (
  LIKE customer_purchase_summary_staging,
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY (customer_id)
);
CREATE INDEX ON customer_purchase_summary (total_spent_aud DESC);
`;

/**
 * A PostgreSQL server with one database per run. It does not sync to disk: the disk is not under
 * test.
 */
export type Databases = {
  /** URL of a new database. It has both tables, unless the caller creates them. */
  create(name: string, tables: boolean): Promise<string>;
  drop(name: string): Promise<void>;
  version: string;
  stop(): Promise<void>;
};

export async function startDatabases(): Promise<Databases> {
  const server: TestServer = await startPostgres(() =>
    Promise.resolve({ shared_buffers: '256MB', max_wal_size: '4GB', jit: 'off' }),
  );
  const [row] = await server.sql('postgres', 'SHOW server_version');
  return {
    async create(name, tables) {
      const url = await server.createDatabase(name);
      if (tables) await server.sql(name, TABLES);
      // Flushes writes that the previous run left behind, so that they do not count for this one.
      await server.sql(name, 'CHECKPOINT');
      return url;
    },
    drop: async (name) => void (await server.sql('postgres', `DROP DATABASE ${name} WITH (FORCE)`)),
    version: String(row?.['server_version']),
    stop: () => server.stop(),
  };
}

/**
 * Number of customers in the serving table, and the SHA-256 of its rows as text, ordered by
 * customer_id.
 */
export async function tableDigest(url: string): Promise<{ customers: number; digest: string }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const hash = createHash('sha256');
    const rows = client.query(
      to(`COPY (
        SELECT customer_id, full_name, email, total_spent_aud, first_purchase_date, last_purchase_date
        FROM customer_purchase_summary ORDER BY customer_id
      ) TO STDOUT`),
    );
    for await (const bytes of rows) hash.update(bytes as Buffer);
    const { rows: counted } = await client.query<{ n: string }>(
      'SELECT count(*) AS n FROM customer_purchase_summary',
    );
    return { customers: Number(counted[0]?.n), digest: hash.digest('hex') };
  } finally {
    await client.end();
  }
}
