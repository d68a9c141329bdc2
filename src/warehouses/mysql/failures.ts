/** Error numbers of what may pass by itself. */
const TRANSIENT_ERRORS = new Set([
  1020, // ER_CHECKREAD: the row was changed since this transaction read it
  1040, // ER_CON_COUNT_ERROR: too many connections
  1053, // ER_SERVER_SHUTDOWN
  1062, // ER_DUP_ENTRY: somebody else inserted the customer meanwhile
  1203, // ER_TOO_MANY_USER_CONNECTIONS
  1205, // ER_LOCK_WAIT_TIMEOUT
  1213, // ER_LOCK_DEADLOCK
  1290, // ER_OPTION_PREVENTS_STATEMENT: the server is a replica now
  1836, // ER_READ_ONLY_MODE
  1927, // ER_CONNECTION_KILLED
]);

const LOST =
  /^(?:PROTOCOL_CONNECTION_LOST|ECONNRESET|ECONNREFUSED|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)$/;
const LOST_TEXT = /connection is in closed state|Connection lost|Server shutdown in progress/;

/** Whether a failure of MySQL or of the way there may pass by itself. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('errno' in error && TRANSIENT_ERRORS.has(Number(error.errno))) return true;
  return ('code' in error && LOST.test(String(error.code))) || LOST_TEXT.test(error.message);
}

/** Whether the server itself refused, with a SQLSTATE, or its name or certificate is not good. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    'sqlState' in error || ('code' in error && /^(?:ENOTFOUND|HANDSHAKE_)/.test(String(error.code)))
  );
}

/** Whether the server answered that it speaks no TLS. */
export const lacksTls = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'HANDSHAKE_NO_SSL_SUPPORT';

/** Whether the server knows no such user with such a password (ER_ACCESS_DENIED_ERROR). */
export function isRejected(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && error.errno === 1045;
}
