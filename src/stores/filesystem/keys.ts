import { namesOf as anyNamesOf, refused } from '../../lake/files/object-keys.ts';

/** Folders at the root that hold a laptop's own state: never listed, never written as objects. */
const OWN_FOLDERS = new Set(['_tmp', '_lock', '_warehouse']);

/**
 * Splits the key into names, or throws `KeyRefused`: a key that is not plainly a file below the
 * root never reaches the disk.
 */
export function namesOf(key: string): string[] {
  const names = anyNamesOf(key);
  if (isOwnFolder(names[0] ?? '')) throw refused(key, `is in ${names[0]}/, which holds no objects`);
  return names;
}

export function isOwnFolder(name: string): boolean {
  return OWN_FOLDERS.has(name);
}
