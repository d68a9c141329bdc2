import { readdirSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
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
const ROOT = '/usr/lib/postgresql';

/** Debian's folder of PostgreSQL's programs, newest version. Error: it is not installed. */
export function postgresPrograms(): string {
  const versions = safeList(ROOT).toSorted((a, b) => Number(b) - Number(a));
  const found = versions[0];
  if (found === undefined)
    throw new Error('PostgreSQL is not installed: run scripts/install-test-servers.sh as root.');
  return join(ROOT, found, 'bin');
}

/**
 * A new PostgreSQL server on loopback. Writes are not synced to disk: it is removed with its test.
 */
export async function startPostgres(settings?: ServerSettings): Promise<TestServer> {
  const programs = postgresPrograms();
  const user = await serverUser('postgres');
  const folder = await serverFolder('test-postgres-', user);
  const port = await freePort();
  const data = join(folder, 'data');
  const secret = join(folder, 'password');
  await writeFile(secret, PASSWORD);
  await chmod(secret, 0o644);
  await runAs(user, join(programs, 'initdb'), [
    `--pgdata=${data}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${secret}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '--no-sync',
  ]);
  const given = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    fsync: 'off',
    ...(await settings?.({ folder })),
  };
  const args = Object.entries(given).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const url = (database: string, as = SUPERUSER): string =>
    `postgres://${as}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${database}`;
  const sql = (database: string, statements: string): Promise<Record<string, unknown>[]> =>
    ask(url(database), statements);
  const start = (): ReturnType<typeof startServer> =>
    startServer(
      user,
      join(programs, 'postgres'),
      ['-D', data, '-p', String(port), ...args],
      async () => void (await sql('postgres', 'SELECT 1')),
    );
  let running = await start();
  return {
    port,
    folder,
    url,
    sql,
    session: (database, as) => open(url(database, as)),
    async createDatabase(name) {
      await sql('postgres', `CREATE DATABASE ${name}`);
      return url(name);
    },
    async restart(signal = 'SIGINT') {
      await running.stop(signal);
      running = await start();
    },
    async stop() {
      await running.stop('SIGQUIT');
      await removeFolder(folder);
    },
  };
}

async function ask(url: string, statements: string): Promise<Record<string, unknown>[]> {
  const session = await open(url);
  try {
    return await session.sql(statements);
  } finally {
    await session.end();
  }
}

async function open(url: string): Promise<TestSession> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return {
    async sql(statements) {
      const results: unknown = await client.query(statements);
      const last = Array.isArray(results) ? results.at(-1) : results;
      return (last as pg.QueryResult<Record<string, unknown>>).rows;
    },
    end: () => client.end(),
  };
}

function safeList(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
