import type { FieldRule, Source, Term } from '../../src/medallion/source.ts';
import {
  type Exact,
  POINT,
  add,
  multiply,
  negate,
  reaches,
  readNumber,
  roundTo,
} from './decimal.ts';
import { normalName } from './text.ts';
import type { Cell, GoodRow } from './table.ts';
import type { Reason } from './types.ts';

export type AmountReason = Extract<Reason, `amount_${string}`>;
export type Amount = { value: Exact } | { reasons: AmountReason[] };
/** A row without any amount value is `blank`: among lines it is skipped. */
type RowAmount = Amount | 'blank';

const PART_PLACES = 6;
const PART_POWER = 12;
const AMOUNT_PLACES = 4;
const AMOUNT_POWER = 14;

type Mode = { source: Source; textOf: (rule: FieldRule, row: GoodRow) => Cell | null };

function readCell(cell: Cell | null, source: Source): Amount {
  if (cell === null) return { reasons: ['amount_missing'] };
  const value = readNumber(cell.text, cell.isNumber ? POINT : source.format);
  return value === null ? { reasons: ['amount_invalid'] } : { value };
}

/** A factor, a term or a line's amount: 6 places, below 10^12. */
function asPart(amount: Amount): Amount {
  if ('reasons' in amount) return amount;
  const value = { digits: roundTo(amount.value, PART_PLACES), scale: PART_PLACES };
  return reaches(value, PART_POWER) ? { reasons: ['amount_out_of_range'] } : { value };
}

function readTerm(term: Term, row: GoodRow, source: Source): Amount {
  if ('column' in term) return asPart(readCell(row.cell(normalName(term.column)), source));
  return asPart(readCell({ text: term.number, isNumber: false }, source));
}

function combine(parts: Amount[], how: (a: Exact, b: Exact) => Exact): Amount {
  const reasons = parts.flatMap((part) => ('reasons' in part ? part.reasons : []));
  if (reasons.length > 0) return { reasons: [...new Set(reasons)] };
  const values = parts.flatMap((part) => ('value' in part ? [part.value] : []));
  return { value: values.reduce(how) };
}

function subtrahends(columns: string[], row: GoodRow, source: Source): Amount[] {
  return columns
    .map((column) => row.cell(normalName(column)))
    .filter((cell) => cell !== null)
    .map((cell) => asPart(readCell(cell, source)))
    .map((part) => ('value' in part ? { value: negate(part.value) } : part));
}

/** The columns of a row that form a calculated amount. */
function cellsOf(
  rule: FieldRule,
  row: GoodRow,
): { terms: (Cell | null)[]; minus: (Cell | null)[] } {
  const terms = rule.kind === 'product' ? rule.factors : rule.kind === 'sum' ? rule.terms : [];
  const minus = rule.kind === 'sum' ? rule.minus : [];
  return {
    terms: terms.flatMap((term) => ('column' in term ? [row.cell(normalName(term.column))] : [])),
    minus: minus.map((column) => row.cell(normalName(column))),
  };
}

const blank = (cells: (Cell | null)[]): boolean => cells.every((cell) => cell === null);

/** The terms that count: if blank terms are zero, those that are not blank, unless all are. */
function countingTerms(rule: FieldRule & { kind: 'sum' }, row: GoodRow): Term[] {
  const { terms } = cellsOf(rule, row);
  if (rule.blank !== 'zero' || blank(terms)) return rule.terms;
  return rule.terms.filter(
    (term) => !('column' in term) || row.cell(normalName(term.column)) !== null,
  );
}

/** The amount of one row, before the rounding to 4 places. */
function amountOfRow(rule: FieldRule, row: GoodRow, { source, textOf }: Mode): RowAmount {
  const isLine = source.rows === 'lines';
  if (rule.kind !== 'product' && rule.kind !== 'sum') {
    const cell = textOf(rule, row);
    if (cell === null) return 'blank';
    const amount = readCell(cell, source);
    return isLine ? asPart(amount) : amount;
  }
  const { terms, minus } = cellsOf(rule, row);
  if (terms.length > 0 && blank([...terms, ...minus])) return 'blank';
  const amount =
    rule.kind === 'product'
      ? combine(
          rule.factors.map((factor) => readTerm(factor, row, source)),
          multiply,
        )
      : combine(
          [
            ...countingTerms(rule, row).map((term) => readTerm(term, row, source)),
            ...subtrahends(rule.minus, row, source),
          ],
          add,
        );
  const isTooLarge = isLine && 'value' in amount && reaches(amount.value, AMOUNT_POWER);
  return isTooLarge ? { reasons: ['amount_out_of_range'] } : amount;
}

/** The exact sum of lines: blank lines are skipped, one bad or partly blank amount rejects all. */
function sumOfLines(lines: RowAmount[]): Amount {
  const counted = lines.filter((line) => line !== 'blank');
  return counted.length === 0 ? { reasons: ['amount_missing'] } : combine(counted, add);
}

/** The amount of a purchase in units of 0.0001, or every reason why there is none. */
export function amountOf(
  rows: GoodRow[],
  mode: Mode,
): { units: bigint } | { reasons: AmountReason[] } {
  const rule = mode.source.fields.amount;
  if (rule === undefined) return { reasons: ['amount_missing'] };
  const amount = sumOfLines(rows.map((row) => amountOfRow(rule, row, mode)));
  if ('reasons' in amount) return amount;
  const units = roundTo(amount.value, AMOUNT_PLACES);
  return reaches({ digits: units, scale: AMOUNT_PLACES }, AMOUNT_POWER)
    ? { reasons: ['amount_out_of_range'] }
    : { units };
}
