import type { Connection, ConnectionOptions } from 'mysql2/promise';
import { isIP } from 'node:net';
import { ConfigInvalid } from '../../errors.ts';
import type { Login } from '../server/login.ts';
import type { ServerAddress } from '../server/url.ts';
import { tlsOf } from '../server/tls.ts';

/**
 * Values are never truncated or rounded to fit, text is quoted in one way, and no statement waits
 * for a lock forever.
 */
const SETTINGS = `
SET SESSION
  sql_mode = 'STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO',
  time_zone = '+00:00',
  innodb_lock_wait_timeout = 60`;
/** MySQL and MariaDB name the variable differently. */
const ISOLATION = 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED';

/** Opens a connection. */
export async function connectMysql(address: ServerAddress, login: Login): Promise<Connection> {
  // The whole module, since bundles cannot import named exports of CommonJS.
  const { default: driver } = await import('mysql2/promise');
  const connection = await driver.createConnection(await configOf(address, login));
  connection.on('error', () => {});
  try {
    await connection.query(SETTINGS);
    await connection.query(ISOLATION);
    return connection;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

/**
 * For a server that is addressed by IP, the driver compares the certificate with the name
 * `localhost`.
 */
function refuseNumbers({ host, name }: ServerAddress): void {
  if (isIP(host) === 0) return;
  throw new ConfigInvalid(`warehouse: ${name} has no name that its certificate could prove.`, {
    hint: 'Name the server as its certificate does, not by its IP address, or add sslmode=require to skip the check.',
  });
}

async function configOf(address: ServerAddress, login: Login): Promise<ConnectionOptions> {
  const tls = await tlsOf(address);
  if (tls?.rejectUnauthorized) refuseNumbers(address);
  return {
    host: address.host,
    port: address.port,
    database: address.database,
    charset: 'utf8mb4_bin',
    connectTimeout: 10_000,
    // RDS requires the token itself, not a hash of it: it is sent over TLS only.
    enableCleartextPlugin: address.passwordFrom?.kind === 'rds-iam',
    // Counts changed rows, not matched rows.
    flags: ['-FOUND_ROWS'],
    ...(address.socket === undefined ? {} : { socketPath: address.socket }),
    ...(tls === undefined ? {} : { ssl: { ...tls, verifyIdentity: tls.rejectUnauthorized } }),
    ...(login.user === undefined ? {} : { user: login.user }),
    ...(login.password === undefined ? {} : { password: login.password }),
  };
}
