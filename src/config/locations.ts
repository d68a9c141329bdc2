import { isAbsolute, resolve } from 'node:path';
import { REFERENCE } from '../lake/layout.ts';
import { didYouMean } from './shape/suggest.ts';

/**
 * The serving database. PGlite's folder is absolute; `password` belongs to a URL without one.
 * `reader` is the URL of a login that may only read, for SQL from users.
 */
export type WarehousePlace =
  | { kind: 'pglite'; folder: string }
  | { kind: 'postgres' | 'mysql'; url: string; password?: string; reader?: string };

/** The exchange rates: a local file or folder, an object of the lake by key, or an S3 object. */
export type RatesPlace =
  | { kind: 'file'; path: string }
  | { kind: 'lake'; key: string }
  | { kind: 's3'; uri: string };

/**
 * Reads a lake as an absolute folder, or as `s3://bucket/prefix` without a trailing slash. `base`
 * is the base of relative paths.
 */
export function readLake(text: string, base: string): string {
  const scheme = schemeOf(text);
  if (scheme === undefined) return readFolder(text, base);
  if (scheme !== 's3') throw new Error(`must be a folder or s3://bucket/prefix, not ${scheme}://`);
  return readS3(text).replace(/\/+$/, '');
}

export const isS3 = (lake: string): boolean => lake.startsWith('s3://');

/**
 * Reads `pglite:FOLDER`, `postgres://…` or `mysql://…` (also `postgresql://`, `mariadb://`), with
 * host and database.
 */
export function readWarehouse(text: string, base: string): WarehousePlace {
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === 'pglite')
    return {
      kind: 'pglite',
      folder: readFolder(text.slice(7).replace(/^\/\/(?=\.|\/)/, ''), base),
    };
  if (scheme === 'postgres' || scheme === 'postgresql')
    return { kind: 'postgres', url: readDatabaseUrl(text) };
  if (scheme === 'mysql' || scheme === 'mariadb')
    return { kind: 'mysql', url: readDatabaseUrl(text).replace(/^mariadb:/i, 'mysql:') };
  const meant =
    scheme === undefined
      ? ''
      : didYouMean(scheme, ['pglite', 'postgres', 'postgresql', 'mysql', 'mariadb']);
  throw new Error(`must start with pglite:, postgres:// or mysql://${meant}`);
}

/** Reads a path, a lake key (under `reference/`, or any after `lake:`), or `s3://bucket/key`. */
export function readRates(text: string, base: string): RatesPlace {
  const key = text.startsWith('lake:') ? text.slice(5) : text;
  if (key !== text || text.startsWith(REFERENCE)) {
    if (
      key === '' ||
      key
        .split('/')
        .some(
          (part, at, all) => (part === '' && at < all.length - 1) || part === '.' || part === '..',
        )
    )
      throw new Error('must name a key of the lake, such as reference/fx/eurofxref-hist.csv');
    return { kind: 'lake', key };
  }
  const scheme = schemeOf(text);
  if (scheme === 's3') {
    if (!/^s3:\/\/[^/]+\/./.test(text)) throw new Error('must name an object: s3://bucket/key');
    return { kind: 's3', uri: readS3(text) };
  }
  if (scheme !== undefined)
    throw new Error(
      `must be a path, a lake key or s3://bucket/key, not ${scheme}://; purchases fx import reads a downloaded file`,
    );
  return { kind: 'file', path: readFolder(text, base) };
}

/** Makes a path absolute. Only a shell expands `~`: in a file it would be a folder of that name. */
function readFolder(text: string, base: string): string {
  if (text.trim() === '') throw new Error('must name a path');
  if (text.includes('\0')) throw new Error('must not contain a NUL character');
  if (/^~(?:\/|$)/.test(text))
    throw new Error('must not start with ~, which only a shell expands: write the whole path');
  return isAbsolute(text) ? resolve(text) : resolve(base, text);
}

function readS3(text: string): string {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]*)\/?(.*)$/is.exec(text) ?? [];
  if (!/^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/.test(bucket))
    throw new Error(
      'must name a bucket: s3://bucket/prefix, 3 to 63 lower-case letters, digits, points and hyphens',
    );
  if (
    prefix
      .replace(/\/+$/, '')
      .split('/')
      .some((part, _, all) => part === '' && all.length > 1)
  )
    throw new Error('must not contain an empty folder (//)');
  return `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`;
}

/** Checks a URL. The parser's own error quotes the password, so it is not used. */
function readDatabaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const host =
    url?.hostname || url?.searchParams.get('host') || url?.searchParams.get('socketPath');
  if (url === undefined || !host || !/^\/[^/]+$/.test(url.pathname))
    throw new Error(
      'must be scheme://user:password@host:port/database; characters such as @ / # % in a password are percent-encoded',
    );
  return text;
}

function schemeOf(text: string): string | undefined {
  return /^([a-z][a-z\d+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
}
