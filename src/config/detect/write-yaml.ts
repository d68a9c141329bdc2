import type { SourceInput } from '../shape/shape.ts';
import type { Search } from './search.ts';

export type Draft = {
  /** Path of the schema for editors, relative to the file. */
  schema: string;
  lake: string;
  timeZone: string;
  sources: { search: Search; source: SourceInput }[];
  /** Names of the sampled files. */
  files: string[];
};

/** Writes the configuration as YAML, with the evidence for each part as a comment. */
export function writeYaml({ schema, lake, timeZone, sources, files }: Draft): string {
  return [
    `# yaml-language-server: $schema=${schema}`,
    `# Written by purchases init from ${oneLine(files.join(', '))}. Comments give the evidence; correct what is wrong.`,
    `lake: ${value(lake)}`,
    `timeZone: ${value(timeZone)} # business time zone: decides the day of a timestamp with an offset`,
    '',
    'sources:',
    ...sources.flatMap(({ search, source }) => sourceLines(source, search)),
    '',
  ].join('\n');
}

function sourceLines(source: SourceInput, { notes, remarks }: Search): string[] {
  const { name, match, rows, format, timeZone, dateFormats, fields = {} } = source;
  const line = (indent: string, key: string, content: unknown, note = notes.get(key)): string =>
    `${indent}${key.slice(key.indexOf('.') + 1)}: ${value(content)}${note === undefined ? '' : ` # ${oneLine(note)}`}`;
  const optional = (key: string, content: unknown): string[] =>
    content === undefined || (Array.isArray(content) && content.length === 0)
      ? []
      : [line('    ', key, content)];
  return [
    line('  - ', 'name', name),
    line('    ', 'match', match, 'keys below bronze/: * stays within a folder, ** crosses folders'),
    ...optional('rows', rows),
    '    format:',
    ...Object.entries(format ?? {}).map(([key, content]) =>
      line('      ', `format.${key}`, content),
    ),
    ...optional('timeZone', timeZone),
    ...optional('dateFormats', dateFormats),
    '    fields:',
    ...Object.entries(fields).map(([key, content]) => line('      ', `fields.${key}`, content)),
    ...remarks.map((remark) => `    # ${oneLine(remark)}`),
  ];
}

/** Formats a value in flow style: words unquoted, all other text quoted as in JSON. */
function value(content: unknown): string {
  if (Array.isArray(content)) return `[${content.map(value).join(', ')}]`;
  if (typeof content === 'string') return isWord(content) ? content : JSON.stringify(content);
  if (content === null || typeof content !== 'object') return JSON.stringify(content);
  const pairs = Object.entries(content).map(([key, inner]) => `${key}: ${value(inner)}`);
  return `{ ${pairs.join(', ')} }`;
}

/** True for text that YAML reads as itself: not a number, null or truth value. */
const isWord = (text: string): boolean =>
  /^[A-Za-z./][A-Za-z0-9_./-]*$/.test(text) &&
  /[A-Za-z]/.test(text) &&
  !/^(?:null|true|false|yes|no|on|off|y|n|\.inf|\.nan)$/i.test(text);

/** Removes line ends and control characters, which a comment must not contain. */
const oneLine = (text: string): string =>
  text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]+/g, ' ').trimEnd();
