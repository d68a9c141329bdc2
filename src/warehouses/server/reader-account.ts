import { QueryRefused } from '../../errors.ts';

/**
 * The tables of the serving database that a query may read; others require a login to which the
 * owner has granted them.
 */
export const READABLE = [
  'customer_purchase_summary',
  'customer_purchase_summary_staging',
  'customer_purchase_sync_state',
  'customer_purchase_migrations',
] as const;

/** Rows per fetch. */
export const BATCH_ROWS = 1_000;
/** The time limit of a reader's statement. */
export const STATEMENT_SECONDS = 600;
/** A login that is not in use and older than this belongs to a process that died. */
export const EXPIRES_SECONDS = 300;

/** The prefix of every temporary login's name. */
export const ACCOUNT_PREFIX = 'purchases_query_';
const NAME = new RegExp(`^${ACCOUNT_PREFIX}([0-9a-f]{8})_[0-9a-f]{7}$`);

/**
 * Builds the name of a temporary login: its creation time, by the server's clock, and a random
 * part. MySQL allows 32 characters.
 */
export const accountName = (seconds: number, secret: string): string =>
  `${ACCOUNT_PREFIX}${seconds.toString(16).padStart(8, '0')}_${secret.slice(0, 7)}`;

/**
 * Returns the creation time of a temporary login, in seconds of the server's clock; undefined for
 * the names of other logins.
 */
export function accountCreatedAt(name: string): number | undefined {
  const seconds = NAME.exec(name)?.[1];
  return seconds === undefined ? undefined : Number.parseInt(seconds, 16);
}

/** The server could not create a temporary login; `message` has the reason. */
export class NoTemporaryLogin extends Error {}

/** Builds the error of a login that could do more than read, which is not used for a user's SQL. */
export function tooPowerful(
  server: string,
  login: string,
  may: string,
  why?: string,
): QueryRefused {
  const tried =
    why === undefined ? '' : ` A temporary login that may only read could not be used: ${why}.`;
  return new QueryRefused(
    `The query is not run on ${server}: ${login} ${may}, which a SELECT could make use of.${tried}`,
    {
      hint: 'Name a login that may only read, as its whole URL in PURCHASES_WAREHOUSE_READER: docs/serving-databases.md, "A login that reads".',
    },
  );
}
