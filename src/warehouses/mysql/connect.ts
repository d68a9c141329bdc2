import type { Connection, ConnectionOptions } from 'mysql2/promise';
import { isIP } from 'node:net';
import { ConfigInvalid } from '../../errors.ts';
import type { Login } from '../server/login.ts';
import type { ServerAddress } from '../server/url.ts';
import { tlsOf } from '../server/tls.ts';

/**
 * Nothing is cut or rounded to fit, text is quoted one way, and no statement waits for another's
 * lock for ever.
 */
const SETTINGS = `
SET SESSION
  sql_mode = 'STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO',
  time_zone = '+00:00',
  innodb_lock_wait_timeout = 60`;
/** The variable of it is not called the same in MySQL and MariaDB. */
const ISOLATION = 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED';

/** An open connection. */
export async function connectMysql(address: ServerAddress, login: Login): Promise<Connection> {
  // The whole module, since bundles know no named exports of CommonJS.
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
 * The driver compares the certificate of a server that is called by its number with the name
 * `localhost`.
 */
function refuseNumbers({ host, name }: ServerAddress): void {
  if (isIP(host) === 0) return;
  throw new ConfigInvalid(`warehouse: ${name} has no name that its certificate could prove.`, {
    hint: 'Name the server as its certificate does, not by its IP address, or add sslmode=require to do without the proof.',
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
    // RDS asks for the token itself, not for a hash of it: it goes out over TLS alone.
    enableCleartextPlugin: address.passwordFrom?.kind === 'rds-iam',
    // Changed rows are counted, not rows found.
    flags: ['-FOUND_ROWS'],
    ...(address.socket === undefined ? {} : { socketPath: address.socket }),
    ...(tls === undefined ? {} : { ssl: { ...tls, verifyIdentity: tls.rejectUnauthorized } }),
    ...(login.user === undefined ? {} : { user: login.user }),
    ...(login.password === undefined ? {} : { password: login.password }),
  };
}
