import type { Path } from './shape/faults.ts';
import type { ShapeFault } from './shape/check-shape.ts';

/**
 * Texts that no engine and no database can hold: with a NUL, or with half of a surrogate pair. Keys
 * are texts too.
 */
export function checkText(value: unknown): ShapeFault[] {
  const faults: ShapeFault[] = [];
  // What an alias of YAML or a module names twice is looked at once.
  const seen = new Set<object>();
  const look = (part: unknown, path: Path): void => {
    const message = typeof part === 'string' ? faultIn(part) : undefined;
    if (message !== undefined) faults.push({ path, message });
    if (typeof part !== 'object' || part === null || seen.has(part)) return;
    seen.add(part);
    for (const [key, inner] of Object.entries(part)) {
      const below = [...path, Array.isArray(part) ? Number(key) : key];
      const inKey = faultIn(key);
      if (inKey !== undefined) faults.push({ path: below, message: `is a key that ${inKey}` });
      look(inner, below);
    }
  };
  look(value, []);
  return faults;
}

function faultIn(text: string): string | undefined {
  if (text.includes('\0')) return 'holds a NUL character, which no engine takes as text';
  return /\p{Surrogate}/u.test(text)
    ? 'holds half of a surrogate pair, which is no character'
    : undefined;
}
