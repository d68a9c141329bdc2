/** Error numbers of failures that may be transient. */
const TRANSIENT_ERRORS = new Set([
  1020, // ER_CHECKREAD: the row was changed since this transaction read it
  1040, // ER_CON_COUNT_ERROR: too many connections
  1053, // ER_SERVER_SHUTDOWN
  1062, // ER_DUP_ENTRY: another writer inserted the customer meanwhile
  1203, // ER_TOO_MANY_USER_CONNECTIONS
  1205, // ER_LOCK_WAIT_TIMEOUT
  1213, // ER_LOCK_DEADLOCK
  1290, // ER_OPTION_PREVENTS_STATEMENT: the server has become a replica
  1836, // ER_READ_ONLY_MODE
  1927, // ER_CONNECTION_KILLED
]);

const LOST =
  /^(?:PROTOCOL_CONNECTION_LOST|ECONNRESET|ECONNREFUSED|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)$/;
const LOST_TEXT = /connection is in closed state|Connection lost|Server shutdown in progress/;

/** True if a failure of MySQL or of the connection may be transient. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('errno' in error && TRANSIENT_ERRORS.has(Number(error.errno))) return true;
  return ('code' in error && LOST.test(String(error.code))) || LOST_TEXT.test(error.message);
}

/** True if the server itself refused, with a SQLSTATE, or its name or certificate is invalid. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    'sqlState' in error || ('code' in error && /^(?:ENOTFOUND|HANDSHAKE_)/.test(String(error.code)))
  );
}

/** True if the server answered that it does not support TLS. */
export const lacksTls = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'HANDSHAKE_NO_SSL_SUPPORT';

/** True if the server rejected the user or password (ER_ACCESS_DENIED_ERROR). */
export function isRejected(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && error.errno === 1045;
}
