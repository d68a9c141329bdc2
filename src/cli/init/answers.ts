import type { Answers } from '../../config/detect/search.ts';
import { UsageError } from '../../errors.ts';
import { parseDateFormat } from '../../medallion/sql/date-format.ts';
import { DEFAULT_FIELDS, MAPPED_FIELDS } from '../../medallion/source.ts';
import { didYouMean } from '../../config/shape/suggest.ts';

/** The flags of `purchases init` that answer questions about a file. */
export type AnswerFlags = {
  currency?: string;
  dateFormat?: string[];
  decimal?: string;
  rows?: string;
  map?: string[];
};

const FIELDS = [...DEFAULT_FIELDS, ...MAPPED_FIELDS, 'quantity', 'unit_price'].filter(
  (name) => name !== 'operation',
);

/** Parses the flags as answers. Errors: `UsageError`, naming the flag. */
export function readAnswers(flags: AnswerFlags): Answers {
  const { currency, dateFormat, decimal, rows } = flags;
  const answers: Answers = { columns: columnsOf(flags.map ?? []) };
  if (currency !== undefined) {
    if (!/^[A-Za-z]{3}$/.test(currency))
      throw new UsageError(`--currency ${currency}: it must be three letters, such as AUD.`);
    answers.currency = currency.toUpperCase();
  }
  if (dateFormat !== undefined) answers.dateFormats = dateFormat.map(readFormat);
  if (decimal !== undefined) {
    if (decimal !== '.' && decimal !== ',')
      throw new UsageError(`--decimal ${decimal}: it must be . or ,`);
    answers.decimal = decimal;
  }
  if (rows !== undefined) {
    if (rows !== 'lines' && rows !== 'purchases')
      throw new UsageError(`--rows ${rows}: it must be lines or purchases.`);
    answers.rows = rows;
  }
  return answers;
}

function readFormat(format: string): string {
  try {
    parseDateFormat(format);
    return format;
  } catch (error) {
    throw new UsageError(
      `--date-format ${JSON.stringify(format)} ${error instanceof Error ? error.message : String(error)}.`,
      { hint: 'Such as d/M/yyyy or "M/d/yyyy H:mm".' },
    );
  }
}

function columnsOf(pairs: readonly string[]): Answers['columns'] {
  const columns: Record<string, string | null> = {};
  for (const pair of pairs) {
    const [field = '', ...rest] = pair.split('=');
    const column = rest.join('=');
    if (!FIELDS.includes(field) || column === '')
      throw new UsageError(`--map ${pair}: it must be FIELD=COLUMN${didYouMean(field, FIELDS)}.`, {
        hint: `Fields are ${FIELDS.join(', ')}; FIELD=null means that the file has none.`,
      });
    columns[field] = column === 'null' ? null : column;
  }
  return columns;
}
