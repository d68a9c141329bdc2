import { readFile } from 'node:fs/promises';
import { ConfigInvalid } from '../../errors.ts';
import type { ServerAddress } from './url.ts';

/** The options of Node's TLS. */
export type Tls = { rejectUnauthorized: boolean; minVersion: 'TLSv1.2'; ca?: string };

/**
 * Returns the TLS settings of an address; undefined if it is not encrypted. Error: `ConfigInvalid`
 * if the certificates cannot be read.
 */
export async function tlsOf({ encryption, authorities }: ServerAddress): Promise<Tls | undefined> {
  if (encryption === 'none') return undefined;
  const tls: Tls = { rejectUnauthorized: encryption === 'verified', minVersion: 'TLSv1.2' };
  if (authorities === undefined) return tls;
  try {
    return { ...tls, ca: await readFile(authorities, 'utf8') };
  } catch (cause) {
    throw new ConfigInvalid(`warehouse: sslrootcert names ${authorities}, which cannot be read.`, {
      hint: 'Name the file of certificate authorities; for RDS it is global-bundle.pem of truststore.pki.rds.amazonaws.com.',
      cause,
    });
  }
}
