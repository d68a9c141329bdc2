import type { Connection as CoreConnection } from 'mysql2';
import type { Connection } from 'mysql2/promise';

import type { QueryResult } from '../../lake/ports/warehouse.ts';
import type { WarehouseReader } from '../../lake/ports/warehouse-reader.ts';
import { connectAs, credentialsOf, type Login } from '../server/login.ts';
import {
  BATCH_ROWS,
  NoTemporaryLogin,
  STATEMENT_SECONDS,
  tooPowerful,
} from '../server/reader-account.ts';
import { retryPolicy, retrying } from '../server/retry.ts';
import { asRemote, messageOf, refused } from '../server/warehouse.ts';
import { readServerUrl, type ServerAddress } from '../server/url.ts';
import { connectMysql } from './connect.ts';
import { isRefusal, isTransient, lacksTls } from './failures.ts';
import type { MysqlOptions } from './warehouse.ts';
import { excessRightsOf } from './reader-rights.ts';
import { mysqlSql } from './session.ts';
import { createUser, dropUser, endConnection, sweepUsers } from './temporary-user.ts';

export type MysqlReaderOptions = MysqlOptions & {
  /** `url` is a login configured for reading: no temporary one is created. */
  isReader?: boolean;
  /** 64 random hexadecimal digits. */
  newSecret: () => string;
};

/** The connection that reads, and the cleanup after it. */
type Reading = { connection: Connection; leave(): Promise<void> };

/**
 * Runs users' SQL on a MySQL or MariaDB server: as a temporary read-only login if the login may
 * create one, else as the login itself if it is harmless. Errors: `ConfigInvalid` for the URL.
 */
export function mysqlReader(options: MysqlReaderOptions): WarehouseReader {
  const address = readServerUrl(options.url, 3306);
  const credentials = credentialsOf(address, options.password);
  const remote = { name: address.name, isTransient, isRefusal, lacksTls };
  const again = <T>(work: () => Promise<T>): Promise<T> =>
    asRemote(remote, () => retrying(retryPolicy(options.random), isTransient, work));
  const connect = (): Promise<Connection> =>
    again(() => connectAs(credentials, isDenied, (login) => connectMysql(address, login)));
  return {
    name: address.name,
    async *ask(sql, signal) {
      const { connection, leave } = await readingOf(address, connect, again, options);
      const stop = (): void => connection.destroy();
      signal?.addEventListener('abort', stop);
      try {
        signal?.throwIfAborted();
        yield* queryBatches(connection, sql);
        // A destroyed connection ends its stream as if the result were complete.
        signal?.throwIfAborted();
        await connection.end();
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        throw isTransient(error) ? await asRemote(remote, () => Promise.reject(error)) : error;
      } finally {
        signal?.removeEventListener('abort', stop);
        connection.destroy();
        await leave();
      }
    },
  };
}

/**
 * Decides which login reads. Error: `QueryRefused` if the login is too powerful and no other is
 * available.
 */
async function readingOf(
  address: ServerAddress,
  connect: () => Promise<Connection>,
  again: <T>(work: () => Promise<T>) => Promise<T>,
  { isReader, newSecret }: MysqlReaderOptions,
): Promise<Reading> {
  const connection = await connect();
  try {
    let why: string | undefined;
    if (isReader !== true)
      try {
        return await temporaryReading(address, connection, connect, again, newSecret());
      } catch (error) {
        if (!(error instanceof NoTemporaryLogin)) throw error;
        why = error.message;
      }
    const { login, harm } = await excessRightsOf(mysqlSql(connection));
    if (harm !== '') throw tooPowerful(address.name, login, harm, why);
    return { connection, leave: async () => {} };
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

async function temporaryReading(
  address: ServerAddress,
  connection: Connection,
  connect: () => Promise<Connection>,
  again: <T>(work: () => Promise<T>) => Promise<T>,
  secret: string,
): Promise<Reading> {
  const sql = mysqlSql(connection);
  await sweepUsers(sql);
  const login = await createUser(sql, secret).catch((error: unknown) => {
    throw isRefusal(error) && (!isTransient(error) || isReplica(error))
      ? new NoTemporaryLogin(messageOf(error))
      : error;
  });
  const drop = async (owner: Connection, reader?: Connection): Promise<void> => {
    if (reader !== undefined) await endConnection(mysqlSql(owner), reader);
    await dropUser(mysqlSql(owner), login.account).catch(() => undefined);
  };
  try {
    const reader = await again(() => connectReader(address, login));
    await connection.end();
    return {
      connection: reader,
      async leave() {
        // If it cannot be dropped now, a later query drops it.
        const owner = await connect().catch(() => undefined);
        if (owner !== undefined) await drop(owner, reader);
        owner?.destroy();
      },
    };
  } catch (error) {
    await drop(connection);
    throw error;
  }
}

/**
 * Error: `NoTemporaryLogin` if the server, or a proxy in front of it, does not admit the new login.
 */
async function connectReader(address: ServerAddress, login: Login): Promise<Connection> {
  try {
    return await connectMysql(address, login);
  } catch (error) {
    if (isRefusal(error) && !isTransient(error))
      throw new NoTemporaryLogin(`the server does not admit it (${messageOf(error)})`);
    throw error;
  }
}

const hasNumber = (error: unknown, ...numbers: number[]): boolean =>
  error instanceof Error && 'errno' in error && numbers.includes(Number(error.errno));
const isDenied = (error: unknown): boolean => hasNumber(error, 1045);
const isReplica = (error: unknown): boolean => hasNumber(error, 1290, 1836);

/** The connection beneath the promise API: only it streams. */
const coreOf = (connection: Connection): CoreConnection =>
  (connection as unknown as { connection: CoreConnection }).connection;

/**
 * The server's error for an unknown variable: MySQL and MariaDB have different names and units for
 * it.
 */
const BOUNDS = [
  `SET SESSION max_statement_time = ${STATEMENT_SECONDS}`,
  `SET SESSION max_execution_time = ${STATEMENT_SECONDS * 1000}`,
];

/**
 * The server's parser checks the statement twice. EXISTS(…) accepts only a query, without INTO;
 * alone, the statement must be complete, so none of its parentheses closes the EXISTS. The line
 * feed ends a comment. The connection accepts one statement at a time.
 */
async function* queryBatches(connection: Connection, text: string): AsyncGenerator<QueryResult> {
  const statement = text.replace(/[\s;]+$/, '');
  const sql = mysqlSql(connection);
  for (const bound of BOUNDS) await sql.exec(bound).catch(() => undefined);
  await refusing(async () => {
    const prepared = await connection.prepare(`SELECT EXISTS(${statement}\n)`);
    await prepared.close();
  });
  await sql.exec('START TRANSACTION READ ONLY');
  const core = coreOf(connection);
  const query = core.query({
    sql: statement,
    rowsAsArray: true,
    typeCast: (field) => field.string(),
  });
  let columns: string[] | undefined;
  query.on('fields', (fields: { name: string }[] | undefined) => {
    columns = fields?.map(({ name }) => name);
  });
  let rows: (string | null)[][] = [];
  const stream = query.stream({ highWaterMark: BATCH_ROWS });
  // Only the connection reports its loss; the stream would wait forever.
  const lose = (error: Error): void => void stream.destroy(error);
  core.on('error', lose);
  try {
    for await (const row of stream) {
      rows.push(row as (string | null)[]);
      if (rows.length < BATCH_ROWS) continue;
      yield { columns: columns ?? [], rows };
      rows = [];
    }
  } catch (error) {
    throw asRefusal(error);
  } finally {
    core.off('error', lose);
  }
  if (columns === undefined) throw refused('it is not a query that returns rows');
  yield { columns, rows };
}

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asRefusal(error);
  }
}

const asRefusal = (error: unknown): unknown =>
  isRefusal(error) && !isTransient(error) ? refused(messageOf(error), error) : error;
