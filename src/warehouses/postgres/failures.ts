/** SQLSTATEs of failures that may be transient. */
const TRANSIENT_SQLSTATES = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available: lock_timeout has passed
  '25006', // read_only_sql_transaction: the server has become a standby
  '25P03', // idle_in_transaction_session_timeout
  '53300', // too_many_connections
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now: starting up or shutting down
]);

/**
 * Messages of the socket, the name service and the driver when a connection cannot be opened or is
 * lost.
 */
const LOST =
  /^(?:ECONNRESET|ECONNREFUSED|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)$/;
const LOST_TEXT = /^(?:Connection terminated|timeout expired|Client has encountered a connection)/;

/** True if a failure of PostgreSQL or of the connection may be transient. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (TRANSIENT_SQLSTATES.has(code) || code.startsWith('08') || LOST.test(code)) return true;
  if (error instanceof AggregateError) return error.errors.every(isTransient);
  return code === '' && LOST_TEXT.test(error.message);
}

/** True if the server answered that it does not support TLS. */
export const lacksTls = (error: unknown): boolean =>
  error instanceof Error && /does not support SSL/i.test(error.message);

/**
 * True if the server itself refused, with a SQLSTATE, or its name is unknown, or it does not
 * support TLS.
 */
export function isRefusal(error: unknown): boolean {
  if (lacksTls(error)) return true;
  if (!(error instanceof Error) || !('code' in error)) return false;
  return 'severity' in error || error.code === 'ENOTFOUND' || 'reason' in error;
}

/** True if the server rejected the user or password. */
export function isRejected(error: unknown): boolean {
  return error instanceof Error && 'code' in error && REJECTED.has(String(error.code));
}

const REJECTED = new Set([
  '28000', // invalid_authorization_specification
  '28P01', // invalid_password
]);
