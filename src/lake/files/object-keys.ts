import { KeyRefused, ObjectMissing } from '../../errors.ts';
import { BRONZE, LEDGER } from '../layout.ts';
import type { Skipped } from '../ports/store.ts';

/** S3 ends there; a name within a folder ends at 255 bytes on every common file system. */
export const MAX_KEY_BYTES = 1024;
const MAX_NAME_BYTES = 255;

// Control characters are legal on Linux, but S3 cannot list them and a terminal obeys them. A
// backslash is a separator on Windows. Half a surrogate pair has no UTF-8.
const NOWHERE_SAFE = /[\u0000-\u001f\u007f\\]|\p{Surrogate}/u;

/**
 * The key's names, in order, or `KeyRefused`. Every store takes the same keys, those that are
 * plainly files below a folder, so that a lake may be copied from one store to another.
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
 * What is not there, and what can be done: bronze may change at any time, what was made of it can
 * be made again, the ledger cannot.
 */
export function objectMissing(key: string, where: string): ObjectMissing {
  const hint = key.startsWith(BRONZE)
    ? 'Run again: the next plan leaves out what is gone.'
    : key.startsWith(LEDGER)
      ? 'Restore it from a backup of the lake.'
      : 'purchases run makes what is lost again from bronze.';
  return new ObjectMissing(`There is no object ${JSON.stringify(key)} in ${where}.`, { hint });
}

/**
 * Hidden files (`.DS_Store`, editors' swap files) are no objects: listings pass over them, so
 * nothing may be written there.
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

/** What a listing says of something that is no object. */
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
