import { KeyRefused } from '../../errors.ts';

/** Folders at the root that hold a laptop's own state: never listed, never written as objects. */
const OWN_FOLDERS = new Set(['_tmp', '_lock', '_warehouse']);

/** S3 ends there; a name within a folder ends at 255 bytes on every common file system. */
const MAX_KEY_BYTES = 1024;
const MAX_NAME_BYTES = 255;

// Control characters are legal on Linux, but S3 cannot list them and a terminal obeys them. A
// backslash is a separator on Windows. Half a surrogate pair has no UTF-8.
const NOWHERE_SAFE = /[\u0000-\u001f\u007f\\]|\p{Surrogate}/u;

/** The key's names, in order, or `KeyRefused`: what is not plainly a file below the root never reaches the disk. */
export function namesOf(key: string): string[] {
  const bytes = Buffer.byteLength(key);
  if (bytes > MAX_KEY_BYTES) throw refused(key, `has ${bytes} bytes, more than ${MAX_KEY_BYTES}`);
  const names = key.split('/');
  const fault = names.map(nameFault).find((found) => found !== undefined);
  if (fault !== undefined) throw refused(key, fault);
  if (isOwnFolder(names[0] ?? ''))
    throw refused(key, `lies in ${names[0]}/, which holds no objects`);
  return names;
}

/** Hidden files (`.DS_Store`, editors' swap files) are no objects: listings pass over them, so nothing may be written there. */
export function isHidden(name: string): boolean {
  return name.startsWith('.');
}

export function isOwnFolder(name: string): boolean {
  return OWN_FOLDERS.has(name);
}

export function refused(key: string, fault: string, cause?: unknown): KeyRefused {
  return new KeyRefused(`The key ${JSON.stringify(key)} ${fault}.`, {
    hint: 'Rename or move the file so that its key is names joined by single slashes, each a plain file or folder of the lake.',
    cause,
  });
}

function nameFault(name: string): string | undefined {
  if (name === '')
    return 'has an empty name: it is empty, or starts or ends with a slash, or has two in a row';
  if (name === '.' || name === '..') return `has the name ${name}, which leads elsewhere`;
  if (isHidden(name)) return 'has a name that starts with a dot: hidden files are no objects';
  if (NOWHERE_SAFE.test(name))
    return 'holds a control character, a backslash or half a surrogate pair';
  const bytes = Buffer.byteLength(name);
  return bytes > MAX_NAME_BYTES
    ? `has a name of ${bytes} bytes, more than ${MAX_NAME_BYTES}`
    : undefined;
}
