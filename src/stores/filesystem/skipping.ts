import { DiskFailed, KeyRefused } from '../../errors.ts';
import { namesOf, skipped } from '../../lake/files/object-keys.ts';
import type { ListOptions, Skipped } from '../../lake/ports/store.ts';
import { codeOf } from './disk.ts';

/**
 * Errors that concern one name only. Any other disk error may affect the next file too, and must
 * not be treated as one bad entry.
 */
const REASONS: Record<string, Skipped['reason']> = {
  EACCES: 'not_readable',
  EPERM: 'not_readable',
  ENAMETOOLONG: 'name_refused',
  ELOOP: 'not_a_file',
};

/**
 * Returns the result of reading one entry; undefined if the listing skips it, after reporting the
 * reason to `onSkipped`.
 */
export async function orSkipped<T>(
  { onSkipped }: { onSkipped: ListOptions['onSkipped'] },
  key: string,
  look: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    const found = onSkipped === undefined ? undefined : skippedBy(key, error);
    if (found === undefined) throw error;
    onSkipped?.(found);
    return undefined;
  }
}

function skippedBy(key: string, error: unknown): Skipped | undefined {
  if (error instanceof KeyRefused)
    return skipped(key, isGoodName(key) ? 'not_a_file' : 'name_refused', error);
  const reason = REASONS[codeOf(error instanceof DiskFailed ? error.cause : error) ?? ''];
  if (reason === undefined || !(error instanceof Error)) return undefined;
  return skipped(key, reason, error);
}

function isGoodName(key: string): boolean {
  try {
    namesOf(key.replace(/\/$/, ''));
    return !key.includes('\uFFFD');
  } catch {
    return false;
  }
}
