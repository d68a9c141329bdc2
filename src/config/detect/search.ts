import { ConfigInvalid } from '../../errors.ts';
import type { FieldName } from '../../medallion/source.ts';
import { didYouMean } from '../shape/suggest.ts';
import type { SourceInput } from '../shape/shape.ts';
import { type Column, plainName } from './column.ts';
import type { Sought } from './field-names.ts';
import type { Marks } from './numbers.ts';

/** What the user said already, by flag or at a prompt. */
export type Answers = {
  /** Three letters. */
  currency?: string;
  dateFormats?: string[];
  decimal?: Marks['decimal'];
  rows?: 'purchases' | 'lines';
  /** A column for what is sought; null: there is none. */
  columns: Partial<Record<Sought, string | null>>;
};

/** Something that the data does not decide. */
export type Question = {
  asks: string;
  /** What may be given, where that is known. */
  candidates: string[];
  /** The flag that answers it, up to its value: `--currency `, `--map amount=`. */
  flag: string;
};

/** What is being found out about a file: each step adds to it, and says why. */
export type Search = {
  columns: Column[];
  rows: number;
  answers: Answers;
  source: Omit<SourceInput, 'fields'> & { fields: NonNullable<SourceInput['fields']> };
  /** Why, by the key of the source or, after `fields.`, of the field. */
  notes: Map<string, string>;
  questions: Question[];
  /** What to know but not to decide: lines of comment at the end. */
  remarks: string[];
};

export function createSearch(columns: Column[], rows: number, answers: Answers): Search {
  return {
    columns,
    rows,
    answers,
    source: { name: '', match: '**', fields: {} },
    notes: new Map(),
    questions: [],
    remarks: [],
  };
}

/**
 * The column that the user named for what is sought; null where the user said that there is none,
 * undefined where nothing was said.
 */
export function answered(search: Search, sought: Sought): Column | null | undefined {
  const name = search.answers.columns[sought];
  if (name === undefined || name === null) return name;
  const column = search.columns.find(({ plain }) => plain === plainName(name));
  if (column !== undefined) return column;
  const names = search.columns.map((each) => each.name);
  throw new ConfigInvalid(
    `--map ${sought}=${name}: the file has no such column${didYouMean(name, names)}.`,
    { hint: `Its columns are ${names.join(', ')}.` },
  );
}

/** Maps a field to a column, with the evidence for it. */
export function mapColumn(
  search: Search,
  field: Exclude<FieldName, 'operation'>,
  column: Column,
  why: string,
): void {
  search.source.fields[field] = column.name;
  search.notes.set(`fields.${field}`, why);
}

/** Why a column was taken: the user's word, or its name. */
export const byWord = (search: Search, sought: Sought): string =>
  search.answers.columns[sought] === undefined ? 'by its name' : 'as you said';

export function ask(search: Search, question: Question): void {
  search.questions.push(question);
}
