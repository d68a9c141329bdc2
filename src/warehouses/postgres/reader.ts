import type { Client } from 'pg';

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
import { connectPostgres, cut } from './connect.ts';
import { isRefusal, isRejected, isTransient, lacksTls } from './failures.ts';
import type { PostgresOptions } from './warehouse.ts';
import { rightsOf } from './reader-rights.ts';
import { postgresSql } from './session.ts';
import { createRole, dropRole, sweepRoles } from './temporary-role.ts';

export type PostgresReaderOptions = PostgresOptions & {
  /** `url` is a login configured for reading: no temporary one is created. */
  isReader?: boolean;
  /** 64 random hexadecimal digits. */
  newSecret: () => string;
};

/** protocol_violation: also the answer of a pooler that does not know the user. */
const PROTOCOL = '08P01';

/** The client that reads, and the cleanup after it. */
type Reading = { client: Client; leave(): Promise<void> };

/**
 * Runs users' SQL on a PostgreSQL server. `set_config` within a SELECT undoes SET ROLE, so the role
 * must be the connection's own login: a temporary read-only one if the login may create it, else
 * the login itself if it is harmless. Errors: `ConfigInvalid` for the URL.
 */
export function postgresReader(options: PostgresReaderOptions): WarehouseReader {
  const address = readServerUrl(options.url, 5432);
  const credentials = credentialsOf(address, options.password);
  const remote = { name: address.name, isTransient, isRefusal, lacksTls };
  const again = <T>(work: () => Promise<T>): Promise<T> =>
    asRemote(remote, () => retrying(retryPolicy(options.random), isTransient, work));
  const connect = (): Promise<Client> =>
    again(() => connectAs(credentials, isRejected, (login) => connectPostgres(address, login)));
  return {
    name: address.name,
    async *ask(sql, signal) {
      const { client, leave } = await readingOf(address, connect, again, options);
      const stop = (): void => cut(client);
      signal?.addEventListener('abort', stop);
      try {
        signal?.throwIfAborted();
        yield* queryBatches(client, sql);
        await client.end();
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        throw isTransient(error) ? await asRemote(remote, () => Promise.reject(error)) : error;
      } finally {
        signal?.removeEventListener('abort', stop);
        cut(client);
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
  connect: () => Promise<Client>,
  again: <T>(work: () => Promise<T>) => Promise<T>,
  { isReader, newSecret }: PostgresReaderOptions,
): Promise<Reading> {
  const client = await connect();
  const { login, mayCreateLogins, isReadOnly, harm } = await rightsOf(postgresSql(client));
  let why: string | undefined;
  if (isReader !== true && mayCreateLogins && !isReadOnly)
    try {
      return await temporaryReading(address, client, connect, again, newSecret());
    } catch (error) {
      if (!(error instanceof NoTemporaryLogin)) throw error;
      why = error.message;
    }
  if (harm === '') return { client, leave: async () => {} };
  cut(client);
  throw tooPowerful(
    address.name,
    login,
    harm,
    why ?? (isReadOnly ? 'the server is read-only' : undefined),
  );
}

/**
 * Reads as a temporary login. The connection that created it is closed meanwhile: a query may take
 * minutes.
 */
async function temporaryReading(
  address: ServerAddress,
  client: Client,
  connect: () => Promise<Client>,
  again: <T>(work: () => Promise<T>) => Promise<T>,
  secret: string,
): Promise<Reading> {
  const sql = postgresSql(client);
  await sweepRoles(sql);
  const role = await createRole(sql, secret).catch((error: unknown) => {
    throw isRefusal(error) && !isTransient(error) ? new NoTemporaryLogin(messageOf(error)) : error;
  });
  const leave = async (): Promise<void> => {
    const owner = await connect().catch(() => undefined);
    // If it cannot be dropped now, it has expired when the next query drops it.
    if (owner !== undefined) await dropRole(postgresSql(owner), role.user).catch(() => undefined);
    if (owner !== undefined) cut(owner);
  };
  try {
    const reader = await again(() => connectReader(address, role));
    await postgresSql(reader).query("SELECT set_config('search_path', $1, false)", [
      role.searchPath,
    ]);
    await client.end();
    return { client: reader, leave };
  } catch (error) {
    await dropRole(sql, role.user).catch(() => undefined);
    throw error;
  }
}

/**
 * Error: `NoTemporaryLogin` if the server, or a pooler in front of it, does not admit the new
 * login.
 */
async function connectReader(address: ServerAddress, login: Login): Promise<Client> {
  try {
    return await connectPostgres(address, login);
  } catch (error) {
    if (isRejected(error) || (isRefusal(error) && !isTransient(error)) || hasCode(error, PROTOCOL))
      throw new NoTemporaryLogin(`the server does not admit it (${messageOf(error)})`);
    throw error;
  }
}

const hasCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));

/**
 * Only SELECT, VALUES and TABLE can be declared as a cursor, and the extended protocol accepts one
 * statement: the server's parser checks both. The statement's settings are rolled back; session
 * settings are set again before each fetch.
 */
async function* queryBatches(client: Client, statement: string): AsyncGenerator<QueryResult> {
  const sql = postgresSql(client);
  const bounded = `SET LOCAL statement_timeout = '${STATEMENT_SECONDS}s'`;
  await sql.exec('BEGIN READ ONLY');
  await sql.exec(bounded);
  await refusing(() => sql.query(`DECLARE answer NO SCROLL CURSOR FOR ${statement}`));
  while (true) {
    await refusing(() => sql.exec(bounded));
    const batch = await refusing(() => sql.query(`FETCH ${BATCH_ROWS} FROM answer`));
    yield { columns: batch.columns, rows: batch.rows };
    if (batch.rows.length < BATCH_ROWS) break;
  }
  await sql.exec('ROLLBACK');
}

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isOurs = hasCode(error, ...OF_STATEMENT) || (isRefusal(error) && !isTransient(error));
    throw isOurs ? refused(messageOf(error), error) : error;
  }
}

/** Failures that may be transient elsewhere, and here are the statement's own. */
const OF_STATEMENT = [
  '25006', // read_only_sql_transaction: it would write
  PROTOCOL, // it has a parameter
];
