import { ConfigInvalid } from '../../errors.ts';
import type { FieldName } from '../../medallion/source.ts';
import { didYouMean } from '../shape/suggest.ts';
import type { SourceInput } from '../shape/shape.ts';
import { type Column, plainName } from './column.ts';
import type { Target } from './field-names.ts';
import type { Marks } from './numbers.ts';

/** Answers that the user gave, by flag or at a prompt. */
export type Answers = {
  /** Three letters. */
  currency?: string;
  dateFormats?: string[];
  decimal?: Marks['decimal'];
  rows?: 'purchases' | 'lines';
  /** The column of a target; null: the file has none. */
  columns: Partial<Record<Target, string | null>>;
};

/** A question that the data does not decide. */
export type Question = {
  asks: string;
  /** Possible answers, if they are known. */
  candidates: string[];
  /** The flag that answers it, up to its value: `--currency `, `--map amount=`. */
  flag: string;
};

/** The state of the detection. Each step adds its findings and their evidence. */
export type Search = {
  columns: Column[];
  rows: number;
  answers: Answers;
  source: Omit<SourceInput, 'fields'> & { fields: NonNullable<SourceInput['fields']> };
  /** Evidence by the key of the source, or of the field after `fields.`. */
  notes: Map<string, string>;
  questions: Question[];
  /** Remarks for the user, written as comments at the end. */
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
 * The column that the user gave for a target; null if the user declared that there is none,
 * undefined without an answer. Error: `ConfigInvalid` for an unknown column.
 */
export function answered(search: Search, target: Target): Column | null | undefined {
  const name = search.answers.columns[target];
  if (name === undefined || name === null) return name;
  const column = search.columns.find(({ plain }) => plain === plainName(name));
  if (column !== undefined) return column;
  const names = search.columns.map((each) => each.name);
  throw new ConfigInvalid(
    `--map ${target}=${name}: the file has no such column${didYouMean(name, names)}.`,
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

/** Why a column was chosen: by the user, or by its name. */
export const evidenceOf = (search: Search, target: Target): string =>
  search.answers.columns[target] === undefined ? 'by its name' : 'given by --map';

export function ask(search: Search, question: Question): void {
  search.questions.push(question);
}
