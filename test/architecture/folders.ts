import { posix } from 'node:path';
import type { Violation } from './arrow.ts';

const MOST_FILES = 16;

/** Folders with too many files, their tests and conformance suites not counted. */
export function folderViolations(paths: readonly string[]): Violation[] {
  const files = new Map<string, number>();
  for (const path of paths) {
    if (/\.(test|conformance)\.tsx?$/.test(path)) continue;
    const folder = posix.dirname(path);
    files.set(folder, (files.get(folder) ?? 0) + 1);
  }
  return [...files]
    .filter(([, count]) => count > MOST_FILES)
    .map(([at, count]) => ({ at, fault: `holds ${count} files, more than ${MOST_FILES}` }));
}
