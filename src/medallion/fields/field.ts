import type { CLEANED_COLUMNS } from '../layers.ts';
import type { RowsContext } from '../rows-context.ts';
import type { FieldName, FieldRule, Source } from '../source.ts';
import type { Dialect } from '../sql/dialect.ts';
import type { Stage } from '../sql/stages.ts';

/** A column of silver that a field produces. */
export type SilverColumn = 'purchase_id' | (typeof CLEANED_COLUMNS)[number][0];

/**
 * Everything about one field of a purchase: how its text is read, cleaned and rejected, and which
 * texts need no cleaning (SPEC section 4). One file a field; `FIELDS` lists them.
 */
export type Field<Reason extends string = string> = {
  /** Fields of the mapping whose trimmed texts become the columns `v_<name>`. */
  reads: readonly FieldName[];
  /** The value of `v_<name>` where the mapping or the object has none; undefined where it has. */
  fallback?(context: RowsContext): string | undefined;
  /** Further texts, which become the columns `a0`, `a1` …. */
  parts?(source: Source): FieldRule[];
  silver: readonly SilverColumn[];
  /** Expressions of silver columns, where the cleaned column has another name. */
  cells?: Readonly<Partial<Record<SilverColumn, string>>>;
  /** Silver columns that show whether a purchase has a value of the field. */
  presence?: Readonly<Record<string, string>>;
  clean?(dialect: Dialect, context: RowsContext): Cleaning;
  /** Columns that need the rate or that the rejections share, computed after cleaning. */
  checks?(dialect: Dialect): Stage[];
  /** In the order in which the column `repairs` lists them. */
  cleanups?: readonly Cleanup[];
  /** True of a row whose value is accepted; undefined where another field's test includes it. */
  accepted?(source: Source): string;
  /** In the order in which a row lists them. */
  rejections: readonly Rejections<Reason>[];
  fastPath: FieldFastPath;
};

/** The stages that clean a field, by when they run. */
export type Cleaning = {
  /** Run on each row, before the lines of a purchase are joined. */
  row?: Stage[];
  /** Columns of a joined purchase, from the columns of its lines, and the stages after the join. */
  join?: { columns: string; after: Stage[] };
  /** Run on each purchase: the n-th stages of all fields are one stage. */
  shared?: Stage[];
  /** Run on each purchase, after the shared stages of all fields. */
  own?: Stage[];
};

/** A value of the column `repairs`: `when` is computed as the column `flag`. */
export type Cleanup = { name: string; flag: string; when: string };

/** Rejections of which a row gets at most one, the first whose `when` is true. */
export type Rejections<Reason extends string = string> = {
  /** Undefined where they apply to every source. */
  appliesTo?(source: Source): boolean;
  firstOf: readonly Rejection<Reason>[];
};

/** A reason to reject a row, the SQL of its condition, and what the operator can do about it. */
export type Rejection<Reason extends string = string> = {
  reason: Reason;
  when: string;
  remedy: string;
};

/**
 * The fast path of a field: a cell that matches its pattern is a value that `clean` leaves as it
 * is, so it is cast without cleaning.
 */
export type FieldFastPath = {
  /**
   * The pattern of a cell, by the field of the mapping; a source that maps a field without one has
   * no fast path. `word` is the pattern of a text without outer or repeated blanks.
   */
  patterns: Readonly<Partial<Record<FieldName, CellPattern>>>;
  /** True where a file may lack the column; without it, a file must have the column. */
  mayBeAbsent?(source: Source): boolean;
  /** What the currencies with rates change, once they are known. */
  withRates?(source: Source, currencies: readonly string[]): { cell: string; mayBeAbsent: boolean };
  /** The columns that are computed from a line's cells. */
  columns?(cells: FastPathCells): Stage;
  /** Stages over those columns, before the rate is looked up and after it. */
  own?(dialect: Dialect, context: RowsContext): Stage[];
  rated?(dialect: Dialect): Stage[];
  /** Expressions of silver columns, where they differ from the column of that name. */
  cells?: Readonly<Partial<Record<SilverColumn, string>>>;
  /** True of a row that is accepted; null or false of any other. */
  accepted?: string;
};

export type CellPattern = (word: string) => string;

/** The cells of a line on the fast path, as SQL. */
export type FastPathCells = {
  source: Source;
  /** The text of a field's cell; undefined where the file lacks the column. */
  text(field: FieldName): string | undefined;
  /** The same with null for a blank cell or none. */
  textOrNull(field: FieldName): string;
};

/** Declares a field with the literal types of its reasons. */
export const defineField = <const Reason extends string = never>(
  field: Field<Reason>,
): Field<Reason> => field;
