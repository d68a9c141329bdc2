import type { Source } from './source.ts';

/** A part of a glob: text, `*`, `**`, or a folder `**` with its slash. */
type Part = { kind: 'text'; text: string } | { kind: 'name' | 'any' | 'folders' };

const parsed = new WeakMap<Source, Part[]>();

/**
 * Returns the first source whose glob matches an object's key below bronze/; undefined where none
 * does.
 */
export function matchSource(sources: readonly Source[], key: string): Source | undefined {
  return sources.find((source) => partsFit(partsOf(source), key));
}

const SPECIAL = /(?<=^|\/)\*\*\/|\*\*|\*/g;

/**
 * Reports whether a glob matches a whole key. `*` is any text within a folder, `**` any text across
 * folders, and a folder named `**` may also be absent (`a/**` + `/b` matches `a/b`). Every other
 * character, `?`, `[` and `{` too, matches itself, since keys contain them. Letter case counts. The
 * work is at most the product of both lengths for any input; `onWork` receives its amount.
 */
export const fitsGlob = (glob: string, key: string, onWork?: (amount: number) => void): boolean =>
  partsFit(parseGlob(glob), key, onWork);

/**
 * The glob as a regular expression, for SQL only: JavaScript's engine would try every way to split
 * a key.
 */
export function globExpression(glob: string): string {
  const body = parseGlob(glob).map((part) => {
    if (part.kind === 'text')
      return part.text.replaceAll(/[\\^$.|?+()[\]{}]/g, (mark) => `\\${mark}`);
    return { name: '[^/]*', any: '.*', folders: '(?:.*/)?' }[part.kind];
  });
  return `^${body.join('')}$`;
}

function parseGlob(glob: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  const addText = (end: number): void => {
    if (end > at) parts.push({ kind: 'text', text: glob.slice(at, end) });
  };
  for (const { 0: special, index } of glob.matchAll(SPECIAL)) {
    addText(index);
    parts.push({ kind: special === '*' ? 'name' : special === '**' ? 'any' : 'folders' });
    at = index + special.length;
  }
  addText(glob.length);
  return parts;
}

function partsOf(source: Source): Part[] {
  const parts = parsed.get(source) ?? parseGlob(source.match);
  parsed.set(source, parts);
  return parts;
}

/**
 * Matches part after part, each from every place of the key, in order, at which the parts before
 * may have ended.
 */
function partsFit(
  parts: readonly Part[],
  key: string,
  onWork: (amount: number) => void = () => {},
): boolean {
  let places = [0];
  for (const part of parts) {
    onWork(part.kind === 'text' ? places.length * part.text.length : key.length);
    places = placesAfter(part, key, places);
    if (places.length === 0) return false;
  }
  return places.at(-1) === key.length;
}

function placesAfter(part: Part, key: string, places: readonly number[]): number[] {
  const [first = 0] = places;
  switch (part.kind) {
    case 'text': {
      const { text } = part;
      return places.filter((at) => key.startsWith(text, at)).map((at) => at + text.length);
    }
    case 'name':
      return placesInFolder(key, places);
    case 'any':
      return Array.from({ length: key.length - first + 1 }, (_, more) => first + more);
    case 'folders': {
      // It starts at the beginning of a folder's name, and so do all places after the first.
      const after = [first];
      for (let at = key.indexOf('/', first); at >= 0; at = key.indexOf('/', at + 1))
        after.push(at + 1);
      return after;
    }
  }
}

/** Each place, and the places after it up to the next slash. */
function placesInFolder(key: string, places: readonly number[]): number[] {
  const after: number[] = [];
  let next = 0;
  for (const place of places) {
    if (place < next) continue;
    const slash = key.indexOf('/', place);
    const end = slash < 0 ? key.length : slash;
    for (let at = place; at <= end; at += 1) after.push(at);
    next = end + 1;
  }
  return after;
}

/**
 * Describes what is wrong with a glob, as the end of a sentence that starts with its path;
 * undefined where nothing is.
 */
export function globFault(glob: string): string | undefined {
  if (glob.trim() === '') return 'must not be empty; ** takes every object';
  if (/^(?:bronze)?\//.test(glob))
    return `is matched below bronze/: write ${glob.replace(/^(?:bronze)?\/+/, '') || '**'}`;
  if (glob.includes('***')) return 'holds ***: * stays within a folder, ** crosses folders';
  if (glob.includes('\\'))
    return 'holds a backslash: folders are separated by / and nothing needs to be escaped';
  const folders = glob.split('/');
  if (folders.some((folder) => ['', '.', '..'].includes(folder)))
    return 'holds an empty, . or .. folder, which no key has; end with /** for all that a folder holds';
  return undefined;
}
