import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import {
  freePort,
  PASSWORD,
  removeFolder,
  runAs,
  serverFolder,
  serverUser,
  startServer,
  type ServerSettings,
  type TestServer,
  type TestSession,
} from './process.ts';

const SUPERUSER = 'owner';

/** A program of Debian's mariadb-server. Error: it is not installed. */
export function mariadbProgram(name: string): string {
  const found = ['/usr/sbin', '/usr/bin'].map((folder) => join(folder, name)).find(existsSync);
  if (found === undefined)
    throw new Error('MariaDB is not installed: run scripts/install-test-servers.sh as root.');
  return found;
}

/** A new MariaDB server on loopback. It is stopped with its test. */
export async function startMariadb(settings?: ServerSettings): Promise<TestServer> {
  const user = await serverUser('mysql');
  const folder = await serverFolder('test-mariadb-', user);
  const port = await freePort();
  const data = join(folder, 'data');
  await runAs(user, mariadbProgram('mariadb-install-db'), [
    '--no-defaults',
    `--datadir=${data}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    '--innodb-log-file-size=64M',
  ]);
  const given = {
    'bind-address': '127.0.0.1',
    socket: join(folder, 'sock'),
    'pid-file': join(folder, 'pid'),
    // A server that starts removes the temporary tables of others from a shared folder.
    tmpdir: folder,
    'innodb-flush-log-at-trx-commit': '0',
    'innodb-log-file-size': '64M',
    'innodb-buffer-pool-size': '256M',
    'skip-name-resolve': 'ON',
    ...(await settings?.({ folder })),
  };
  const args = Object.entries(given).map(([name, value]) => `--${name}=${value}`);
  const url = (database: string, as = SUPERUSER): string =>
    `mysql://${as}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${database}`;
  const ready = async (): Promise<void> => void (await ask(port, 'mysql', 'SELECT 1'));
  const start = (): ReturnType<typeof startServer> =>
    startServer(
      user,
      mariadbProgram('mariadbd'),
      ['--no-defaults', `--datadir=${data}`, `--port=${port}`, ...args],
      ready,
    );
  let running = await start();
  await ask(
    port,
    'mysql',
    `CREATE USER ${SUPERUSER}@'%' IDENTIFIED BY '${PASSWORD}';
     GRANT ALL ON *.* TO ${SUPERUSER}@'%' WITH GRANT OPTION;`,
  );
  return {
    port,
    folder,
    url,
    sql: (database, statements) => ask(port, database, statements),
    session: (database, as) => open(port, database, as),
    async createDatabase(name) {
      await ask(port, 'mysql', `CREATE DATABASE ${name}`);
      return url(name);
    },
    async restart(signal = 'SIGTERM') {
      await running.stop(signal);
      running = await start();
    },
    async stop() {
      await running.stop('SIGKILL');
      await removeFolder(folder);
    },
  };
}

async function ask(
  port: number,
  database: string,
  statements: string,
): Promise<Record<string, unknown>[]> {
  const session = await open(port, database);
  try {
    return await session.sql(statements);
  } finally {
    await session.end();
  }
}

/** As root, without a password and from this machine only, unless another user is passed. */
async function open(port: number, database: string, user = 'root'): Promise<TestSession> {
  const connection = await createConnection({
    host: '127.0.0.1',
    port,
    user,
    database,
    ...(user === 'root' ? {} : { password: PASSWORD }),
    multipleStatements: true,
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
  });
  connection.on('error', () => {});
  return {
    async sql(statements) {
      const [rows] = await connection.query<RowDataPacket[]>(statements);
      return rows;
    },
    end: () => connection.end(),
  };
}
