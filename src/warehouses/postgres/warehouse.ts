import type { Warehouse } from '../../lake/ports/warehouse.ts';
import { postgresMigrations } from './migrations.ts';
import { postgresUpsert, READ_STATE } from './statements.ts';
import { indexFaults, rebuildIndexes } from './indexes.ts';
import { connectAs, credentialsOf, type Password } from '../server/login.ts';
import { retryPolicy } from '../server/retry.ts';
import { postgresShape } from './shape.ts';
import { serverWarehouse } from '../server/warehouse.ts';
import { readServerUrl } from '../server/url.ts';
import { connectPostgres } from './connect.ts';
import { isRefusal, isRejected, lacksTls, isTransient } from './failures.ts';
import { postgresSession } from './session.ts';

/**
 * A COPY keeps one processor of the server busy: two take 0.6 s instead of 1.0 s for 500,000 rows.
 */
const PARALLEL_COPY_FROM_ROWS = 50_000;

export type PostgresOptions = {
  /**
   * `postgres://user:password@host:port/database`, with `sslmode` and `sslrootcert` as libpq has
   * them.
   */
  url: string;
  /** Used if the URL has none. */
  password?: Password;
  /** Returns a number from 0 to below 1, by which the pauses between attempts vary. */
  random: () => number;
};

/**
 * The serving database on a PostgreSQL server, version 15 or later. Errors: `ConfigInvalid` for the
 * URL, `RemoteFailed` for the rest.
 */
export function openPostgres({ url, password, random }: PostgresOptions): Warehouse {
  const address = readServerUrl(url, 5432);
  const credentials = credentialsOf(address, password);
  return serverWarehouse(
    {
      name: address.name,
      connect: () =>
        connectAs(credentials, isRejected, async (login) =>
          postgresSession(await connectPostgres(address, login)),
        ),
      isTransient,
      isRefusal,
      lacksTls,
      parallelCopyFromRows: PARALLEL_COPY_FROM_ROWS,
      upsert: postgresUpsert,
      migrations: postgresMigrations,
      shape: postgresShape,
      readState: READ_STATE,
      indexes: { faults: indexFaults, rebuild: rebuildIndexes },
    },
    retryPolicy(random),
  );
}
