import type { Warehouse } from '../../lake/ports/warehouse.ts';
import { mysqlMigrations } from '../mysql-schema.ts';
import { patience } from '../retry.ts';
import { serverWarehouse } from '../server.ts';
import { readServerUrl } from '../server-url.ts';
import { connectMysql, type Password } from './connect.ts';
import { isRefusal, mayPass } from './failures.ts';
import { mysqlSession } from './session.ts';
import { mysqlUpsert, READ_STATE } from './sql.ts';

export type MysqlOptions = {
  /** `mysql://user:password@host:port/database`, with `sslmode` and `sslrootcert` as PostgreSQL's. */
  url: string;
  /** In place of a password in the URL. */
  password?: Password;
  /** Spreads the pauses between attempts. */
  random: () => number;
};

/** The serving database on a MySQL (8.0.16 or later) or MariaDB (10.8 or later) server. Errors: `ConfigInvalid` for the URL, `RemoteFailed` for the rest. */
export function openMysql({ url, password, random }: MysqlOptions): Warehouse {
  const address = readServerUrl(url, 3306);
  return serverWarehouse(
    {
      name: address.name,
      connect: async () => mysqlSession(await connectMysql(address, password)),
      mayPass,
      isRefusal,
      upsert: mysqlUpsert,
      migrations: mysqlMigrations,
      readState: READ_STATE,
    },
    patience(random),
  );
}
