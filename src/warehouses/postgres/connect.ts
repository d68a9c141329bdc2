import type { Client, ClientConfig } from 'pg';
import type { Login } from '../server/login.ts';
import type { ServerAddress } from '../server/url.ts';
import { tlsOf } from '../server/tls.ts';

/**
 * Values are text under any defaults of the role. A client that died without closing releases its
 * locks within minutes, and no statement waits for a lock forever.
 */
const SETTINGS = `
SET client_encoding = 'UTF8';
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'UTC';
SET lock_timeout = '60s';
SET idle_in_transaction_session_timeout = '5min';
SET tcp_keepalives_idle = 60;
SET tcp_keepalives_interval = 15;
SET tcp_keepalives_count = 4;
`;

/** Opens a connection. A lost one is reported by the running query, or by the next. */
export async function connectPostgres(address: ServerAddress, login: Login): Promise<Client> {
  const { Client: PgClient } = await import('pg');
  const client = new PgClient(await configOf(address, login));
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(SETTINGS);
    return client;
  } catch (error) {
    cut(client);
    throw error;
  }
}

async function configOf(address: ServerAddress, login: Login): Promise<ClientConfig> {
  const tls = await tlsOf(address);
  return {
    host: address.socket ?? address.host,
    port: address.port,
    database: address.database,
    ssl: tls ?? false,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    application_name: 'customer-purchases-pipeline',
    ...(login.user === undefined ? {} : { user: login.user }),
    ...(login.password === undefined ? {} : { password: login.password }),
  };
}

/** Drops the connection without a closing message. */
export function cut(client: Client): void {
  client.connection.stream.destroy();
}
