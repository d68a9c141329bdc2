import type { Source } from './source.ts';

const compiled = new WeakMap<Source, RegExp>();

/** The first source whose glob fits an object's key below bronze/; undefined where none does. */
export function matchSource(sources: readonly Source[], key: string): Source | undefined {
  return sources.find((source) => expressionOf(source).test(key));
}

/**
 * A glob as a regular expression over a whole key. `*` is any text within a folder, `**` any text across folders, and a
 * folder of its own named `**` may also be no folder at all (`a/**` + `/b` fits `a/b`). Every other character, `?`, `[` and
 * `{` too, is itself: keys hold them. Letter case counts.
 */
export function globExpression(glob: string): RegExp {
  const body = glob.replaceAll(/(?<=^|\/)\*\*\/|\*\*|\*|[\\^$.|?+()[\]{}]/g, (special) => {
    if (special === '**/') return '(?:.*/)?';
    if (special === '**') return '.*';
    if (special === '*') return '[^/]*';
    return `\\${special}`;
  });
  return new RegExp(`^${body}$`, 'su');
}

/** What is wrong with a glob, as the end of a sentence that starts with its path; undefined where nothing is. */
export function globFault(glob: string): string | undefined {
  if (glob.trim() === '') return 'must not be empty; ** takes every object';
  if (/^(?:bronze)?\//.test(glob))
    return `is matched below bronze/: write ${glob.replace(/^(?:bronze)?\/+/, '') || '**'}`;
  if (glob.includes('***')) return 'holds ***: * stays within a folder, ** crosses folders';
  if (glob.includes('\\'))
    return 'holds a backslash: folders are parted by / and nothing needs to be escaped';
  const folders = glob.split('/');
  if (folders.some((folder) => ['', '.', '..'].includes(folder)))
    return 'holds an empty, . or .. folder, which no key has; end with /** for all that a folder holds';
  return undefined;
}

function expressionOf(source: Source): RegExp {
  const known = compiled.get(source) ?? globExpression(source.match);
  compiled.set(source, known);
  return known;
}
