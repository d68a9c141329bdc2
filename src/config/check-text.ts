import type { Path } from './shape/faults.ts';
import type { ShapeFault } from './shape/check-shape.ts';

/**
 * Finds texts, including keys, that no engine or database accepts: with a NUL or with half of a
 * surrogate pair.
 */
export function checkText(value: unknown): ShapeFault[] {
  const faults: ShapeFault[] = [];
  // A value that a YAML alias or a module references twice is checked once.
  const seen = new Set<object>();
  const look = (part: unknown, path: Path): void => {
    const message = typeof part === 'string' ? faultIn(part) : undefined;
    if (message !== undefined) faults.push({ path, message });
    if (typeof part !== 'object' || part === null || seen.has(part)) return;
    seen.add(part);
    for (const [key, inner] of Object.entries(part)) {
      const childPath = [...path, Array.isArray(part) ? Number(key) : key];
      const inKey = faultIn(key);
      if (inKey !== undefined) faults.push({ path: childPath, message: `is a key that ${inKey}` });
      look(inner, childPath);
    }
  };
  look(value, []);
  return faults;
}

function faultIn(text: string): string | undefined {
  if (text.includes('\0')) return 'contains a NUL character, which no engine accepts in text';
  return /\p{Surrogate}/u.test(text)
    ? 'contains half of a surrogate pair, which is not a character'
    : undefined;
}
