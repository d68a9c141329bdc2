import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { freePort, removeFolder, runAs, serverFolder, serverUser, startServer } from './process.ts';

export type TestMariadb = {
  port: number;
  /** The server's own folder, in which a test may put files that the server reads. */
  folder: string;
  url(database: string, user?: string): string;
  /** Runs statements as the superuser and gives the rows of the last. */
  sql(database: string, statements: string): Promise<Record<string, unknown>[]>;
  createDatabase(name: string): Promise<string>;
  /** Stops it by signal (SIGTERM: transactions are rolled back; SIGKILL: a crash) and starts it again. */
  restart(signal?: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
};

export const PASSWORD = 'p@ss/word#1%';
const SUPERUSER = 'owner';

/** A program of Debian's mariadb-server. Error: where it is not installed. */
export function mariadbProgram(name: string): string {
  const found = ['/usr/sbin', '/usr/bin'].map((folder) => join(folder, name)).find(existsSync);
  if (found === undefined)
    throw new Error('MariaDB is not installed: run scripts/install-test-servers.sh as root.');
  return found;
}

/** A fresh MariaDB server on loopback. It lives as long as its test. */
export async function startMariadb(settings: Record<string, string> = {}): Promise<TestMariadb> {
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
    'innodb-flush-log-at-trx-commit': '0',
    'innodb-log-file-size': '64M',
    'innodb-buffer-pool-size': '256M',
    'skip-name-resolve': 'ON',
    ...settings,
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

/** As root, who has no password and comes from this machine only. */
async function ask(
  port: number,
  database: string,
  statements: string,
): Promise<Record<string, unknown>[]> {
  const connection = await createConnection({
    host: '127.0.0.1',
    port,
    user: 'root',
    database,
    multipleStatements: true,
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
  });
  try {
    const [rows] = await connection.query<RowDataPacket[]>(statements);
    return rows;
  } finally {
    await connection.end();
  }
}
