import { PurchasesError, RemoteFailed, RemoteRefused } from '../../errors.ts';

const REFUSED = /AccessDenied|UnrecognizedClient|InvalidSignature|ExpiredToken|Credentials/;

/** Runs calls to the catalog; a failure is reported as one of the service or of the credentials. */
export async function remotely<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof PurchasesError || !(cause instanceof Error)) throw cause;
    const text = `${name}: ${cause.name}: ${cause.message}`;
    if (cause.name === 'EntityNotFoundException')
      throw new RemoteRefused(text, {
        hint: 'Does the database exist? `purchases deploy` creates it; PURCHASES_CATALOG names it.',
        cause,
      });
    if (REFUSED.test(cause.name))
      throw new RemoteRefused(text, {
        hint: 'Check the credentials, and that their role may read and write tables of this database.',
        cause,
      });
    throw new RemoteFailed(text, { hint: 'Nothing is lost: the next run publishes again.', cause });
  }
}

/** True if an error of the service has one of these names. */
export const isNamed = (error: unknown, ...all: string[]): boolean =>
  error instanceof Error && all.includes(error.name);
