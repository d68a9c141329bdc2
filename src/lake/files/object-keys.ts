import { KeyRefused, ObjectMissing } from '../../errors.ts';
import { BRONZE, LEDGER } from '../layout.ts';
import type { Skipped } from '../ports/store.ts';

/** The limit of S3; common file systems limit a name within a folder to 255 bytes. */
export const MAX_KEY_BYTES = 1024;
const MAX_NAME_BYTES = 255;

// Control characters are legal on Linux, but S3 cannot list them and terminals interpret them. A
// backslash is a separator on Windows. A lone surrogate has no UTF-8.
const NOWHERE_SAFE = /[\u0000-\u001f\u007f\\]|\p{Surrogate}/u;

/**
 * Splits a key into its names. Every store accepts the same keys, those that are valid paths of
 * files below a folder, so that a lake can be copied from one store to another. Error:
 * `KeyRefused`.
 */
export function namesOf(key: string): string[] {
  const bytes = Buffer.byteLength(key);
  if (bytes > MAX_KEY_BYTES) throw refused(key, `has ${bytes} bytes, more than ${MAX_KEY_BYTES}`);
  const names = key.split('/');
  const fault = names.map(nameFault).find((found) => found !== undefined);
  if (fault !== undefined) throw refused(key, fault);
  return names;
}

/**
 * Builds the error for a missing object. The hint depends on the prefix: bronze may change at any
 * time, silver and gold can be rebuilt from it, the ledger cannot.
 */
export function objectMissing(key: string, where: string): ObjectMissing {
  const hint = key.startsWith(BRONZE)
    ? 'Run again: the next plan leaves out missing objects.'
    : key.startsWith(LEDGER)
      ? 'Restore it from a backup of the lake.'
      : 'purchases run rebuilds lost files from bronze.';
  return new ObjectMissing(`There is no object ${JSON.stringify(key)} in ${where}.`, { hint });
}

/**
 * True for a hidden file (`.DS_Store`, editors' swap files). Hidden files are not objects: listings
 * skip them, so writes to such keys are refused.
 */
export function isHidden(name: string): boolean {
  return name.startsWith('.') && !leadsElsewhere(name);
}

export function refused(key: string, fault: string, cause?: unknown): KeyRefused {
  return new KeyRefused(`The key ${JSON.stringify(key)} ${fault}.`, {
    hint: 'Rename or move the file so that its key is names joined by single slashes, each a plain file or folder of the lake.',
    cause,
  });
}

const REMEDIES: Record<Skipped['reason'], string> = {
  name_refused: 'Rename it.',
  not_a_file: 'Put the file itself in its place, or take it away.',
  not_readable: 'Give this user the right to read it, or take it away.',
};

/** Describes an entry of a listing that is not an object. */
export const skipped = (key: string, reason: Skipped['reason'], { message }: Error): Skipped => ({
  key,
  reason,
  message: `${message} ${REMEDIES[reason]}`,
});

const leadsElsewhere = (name: string): boolean => name === '.' || name === '..';

function nameFault(name: string): string | undefined {
  if (name === '')
    return 'has an empty name: it is empty, or starts or ends with a slash, or has two in a row';
  if (leadsElsewhere(name)) return `has the name ${name}, which leads elsewhere`;
  if (isHidden(name)) return 'has a name that starts with a dot: hidden files are no objects';
  if (NOWHERE_SAFE.test(name))
    return 'holds a control character, a backslash or half a surrogate pair';
  const bytes = Buffer.byteLength(name);
  return bytes > MAX_NAME_BYTES
    ? `has a name of ${bytes} bytes, more than ${MAX_NAME_BYTES}`
    : undefined;
}
