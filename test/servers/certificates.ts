import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { ServerSettings } from './process.ts';

/** Creates `server.key` and `server.crt`, a self-signed certificate for `localhost` alone. */
export async function selfSigned(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await promisify(execFile)('openssl', [
    ...'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext'.split(' '),
    'subjectAltName=DNS:localhost',
    '-keyout',
    join(folder, 'server.key'),
    '-out',
    join(folder, 'server.crt'),
  ]);
  await chmod(join(folder, 'server.key'), 0o600);
}

/**
 * Settings by which a server uses TLS with the folder's certificate. The server reads a key only if
 * its own user owns it and the folders above are accessible.
 */
export const servedWith =
  (server: 'PostgreSQL' | 'MariaDB', folder: string): ServerSettings =>
  async ({ folder: example }) => {
    const { uid, gid } = await stat(example);
    await chmod(dirname(folder), 0o755);
    for (const name of ['server.key', 'server.crt']) await chown(join(folder, name), uid, gid);
    const [certificate, key] = [join(folder, 'server.crt'), join(folder, 'server.key')];
    return server === 'MariaDB'
      ? { 'ssl-cert': certificate, 'ssl-key': key }
      : { ssl: 'on', ssl_cert_file: certificate, ssl_key_file: key };
  };
