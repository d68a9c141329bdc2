import type { Warehouse } from '../../lake/ports/warehouse.ts';
import { mysqlMigrations } from './migrations.ts';
import { connectAs, credentialsOf, type Password } from '../server/login.ts';
import { retryPolicy } from '../server/retry.ts';
import { mysqlShape } from './shape.ts';
import { serverWarehouse } from '../server/warehouse.ts';
import { readServerUrl } from '../server/url.ts';
import { connectMysql } from './connect.ts';
import { isRefusal, isRejected, lacksTls, isTransient } from './failures.ts';
import { mysqlSession } from './session.ts';
import { mysqlUpsert, READ_STATE } from './statements.ts';

export type MysqlOptions = {
  /**
   * `mysql://user:password@host:port/database`, with `sslmode` and `sslrootcert` as PostgreSQL's.
   */
  url: string;
  /** Used if the URL has none. */
  password?: Password;
  /** Returns a number from 0 to below 1, by which the pauses between attempts vary. */
  random: () => number;
};

/**
 * The serving database on a MySQL (8.0.16 or later) or MariaDB (10.8 or later) server. Errors:
 * `ConfigInvalid` for the URL, `RemoteFailed` for the rest.
 */
export function openMysql({ url, password, random }: MysqlOptions): Warehouse {
  const address = readServerUrl(url, 3306);
  const credentials = credentialsOf(address, password);
  return serverWarehouse(
    {
      name: address.name,
      connect: () =>
        connectAs(credentials, isRejected, async (login) =>
          mysqlSession(await connectMysql(address, login)),
        ),
      isTransient,
      isRefusal,
      lacksTls,
      upsert: mysqlUpsert,
      migrations: mysqlMigrations,
      shape: mysqlShape,
      readState: READ_STATE,
    },
    retryPolicy(random),
  );
}
