import { ConfigInvalid } from '../../errors.ts';

/**
 * The encryption of the connection: `verified` checks the server's certificate and name,
 * `unverified` only encrypts.
 */
export type Encryption = 'verified' | 'unverified' | 'none';

/**
 * The source of a password for each connection: a secret of AWS Secrets Manager by name or ARN, or
 * a signed token of RDS.
 */
export type PasswordSource =
  | { kind: 'secretsmanager'; id: string }
  | { kind: 'rds-iam'; user: string };

/** A database server as a URL names it. */
export type ServerAddress = {
  /** The name in messages, without the password. */
  name: string;
  host: string;
  port: number;
  /** The folder or file of a Unix socket, in place of host and port. */
  socket: string | undefined;
  database: string;
  user: string | undefined;
  password: string | undefined;
  passwordFrom: PasswordSource | undefined;
  encryption: Encryption;
  /** A file of certificate authorities, such as the bundle of RDS. */
  authorities: string | undefined;
};

const MODES: Record<string, Encryption> = {
  disable: 'none',
  require: 'unverified',
  'verify-full': 'verified',
};
const PARAMETERS = ['host', 'socketPath', 'sslmode', 'sslrootcert', 'passwordFrom'];
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/**
 * Reads `scheme://user:password@host:port/database?sslmode=…&sslrootcert=FILE`. Encrypted and
 * verified by default, except for a server on this machine. Error: `ConfigInvalid`, without the
 * password.
 */
export function readServerUrl(text: string, defaultPort: number): ServerAddress {
  const url = new URL(text);
  const parameters = url.searchParams;
  const socket = parameters.get('socketPath') ?? parameters.get('host') ?? undefined;
  const host = url.hostname.replaceAll(/[[\]]/g, '') || 'localhost';
  const user = decodeURIComponent(url.username) || undefined;
  const address = `${user === undefined ? '' : `${user}@`}${socket ?? url.host}${url.pathname}`;
  const name = `${url.protocol}//${address}`;
  for (const parameter of parameters.keys()) {
    if (!PARAMETERS.includes(parameter))
      throw new ConfigInvalid(
        `warehouse: ${name} has a parameter ${parameter}, which is unknown.`,
        {
          hint: `Known are ${PARAMETERS.join(', ')}.`,
        },
      );
  }
  const isHere = socket !== undefined || LOOPBACK.test(url.hostname);
  const encryption = readMode(parameters.get('sslmode'), name) ?? (isHere ? 'none' : 'verified');
  const password = decodeURIComponent(url.password) || undefined;
  return {
    name,
    host,
    port: Number(url.port || defaultPort),
    socket,
    database: decodeURIComponent(url.pathname.slice(1)),
    user,
    password,
    passwordFrom: readSource(parameters.get('passwordFrom'), { name, user, password, encryption }),
    encryption,
    authorities: parameters.get('sslrootcert') ?? undefined,
  };
}

function readMode(mode: string | null, name: string): Encryption | undefined {
  if (mode === null) return undefined;
  const encryption = MODES[mode];
  if (encryption !== undefined) return encryption;
  throw new ConfigInvalid(`warehouse: ${name} has sslmode=${mode}, which is unknown.`, {
    hint: `Known are ${Object.keys(MODES).join(', ')}; verify-full is the default.`,
  });
}

function readSource(
  text: string | null,
  given: Pick<ServerAddress, 'name' | 'user' | 'password' | 'encryption'>,
): PasswordSource | undefined {
  if (text === null) return undefined;
  const { name, user } = given;
  const refused = (why: string, hint: string): ConfigInvalid =>
    new ConfigInvalid(`warehouse: ${name} has passwordFrom, ${why}.`, { hint });
  if (given.password !== undefined) throw refused('and a password too', 'Keep one of them.');
  const id = /^secretsmanager:(.+)$/s.exec(text)?.[1];
  if (id !== undefined) return { kind: 'secretsmanager', id };
  if (text !== 'rds-iam')
    throw refused(
      'but its value is unknown',
      'Known are passwordFrom=secretsmanager:NAME (or its ARN) and passwordFrom=rds-iam.',
    );
  if (user === undefined)
    throw refused('but no user', 'Name the user that was granted rds_iam: postgres://user@host/….');
  if (given.encryption === 'none')
    throw refused(
      'but is not encrypted',
      'RDS accepts tokens over TLS only: leave sslmode out, or use sslmode=require.',
    );
  return { kind: 'rds-iam', user };
}
