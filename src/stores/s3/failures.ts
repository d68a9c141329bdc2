import { DiskFailed, PurchasesError, RemoteFailed, RemoteRefused } from '../../errors.ts';

/** Errors of S3 that a retry does not help, with the remedy. */
const REFUSALS: Record<string, string> = {
  AccessDenied: 'Give these credentials the right to list, read and write the lake.',
  Forbidden: 'Give these credentials the right to list, read and write the lake.',
  InvalidAccessKeyId: 'Set credentials that AWS knows (aws configure, or AWS_PROFILE).',
  SignatureDoesNotMatch: 'Set the secret key that belongs to the access key.',
  ExpiredToken: 'Sign in again: the credentials have expired.',
  InvalidToken: 'Sign in again: the session token is not valid.',
  CredentialsProviderError: 'Set credentials (aws configure, AWS_PROFILE, or a role).',
  NoSuchBucket: 'Create the bucket, or correct the name in `lake`.',
  PermanentRedirect: 'Set AWS_REGION to the region of the bucket.',
  AuthorizationHeaderMalformed: 'Set AWS_REGION to the region of the bucket.',
  InvalidObjectState:
    'The object is archived: restore it, or remove it from bronze/, and run again.',
  KMSDisabledException: 'Enable the key with which the bucket is encrypted.',
};

const NO_REGION = /region is missing/i;
const DISK = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EMFILE', 'ENFILE', 'EIO']);
const NETWORK =
  /^(?:E(?:CONN(?:RESET|REFUSED|ABORTED)|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|AI_AGAIN|NOTFOUND)|ENOTFOUND|ERR_STREAM_PREMATURE_CLOSE)$/;

/** Returns the HTTP status of an S3 error response, if there is one. */
export function statusOf(error: unknown): number | undefined {
  const { $metadata } = Object(error);
  const status: unknown = Object($metadata)['httpStatusCode'];
  return typeof status === 'number' ? status : undefined;
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');
const codeOf = (error: unknown): string => String(Object(error)['code'] ?? '');

export const isAbsent = (error: unknown): boolean =>
  ['NoSuchKey', 'NotFound'].includes(nameOf(error));

/**
 * True if the connection broke, even within a response body, which the SDK itself does not retry.
 */
export const isBroken = (error: unknown): boolean =>
  NETWORK.test(codeOf(error)) || nameOf(error) === 'TimeoutError';

/**
 * Runs one operation; an error of S3, the network or the scratch disk becomes an error that names
 * the operation and the remedy.
 */
export async function onS3<T>(what: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw explained(what, error);
  }
}

function explained(what: string, error: unknown): unknown {
  if (error instanceof PurchasesError || !(error instanceof Error)) return error;
  // The SDK attaches the whole exchange to its errors, including signed headers: it must not be
  // logged.
  Reflect.deleteProperty(error, '$response');
  const message = `Cannot ${what}: ${nameOf(error)}: ${error.message}`;
  if (NO_REGION.test(error.message))
    return new RemoteRefused(message, {
      hint: 'Set AWS_REGION, or a region in the AWS profile.',
      cause: error,
    });
  if (DISK.has(codeOf(error)))
    return new DiskFailed(message, {
      hint: 'Free some space in the scratch folder.',
      cause: error,
    });
  const status = statusOf(error);
  const refusal = REFUSALS[nameOf(error)] ?? (status === 403 ? REFUSALS['Forbidden'] : undefined);
  if (refusal !== undefined) return new RemoteRefused(message, { hint: refusal, cause: error });
  if (status !== undefined || isBroken(error))
    return new RemoteFailed(message, {
      hint: 'It was tried several times. No object is half written: run again.',
      cause: error,
    });
  return error;
}
