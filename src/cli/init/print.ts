import { basename } from 'node:path';

import type { Question } from '../../config/detect/search.ts';
import { UsageError } from '../../errors.ts';
import type { RowReason } from '../../medallion/reasons.ts';
import { coloursFor } from '../terminal/colours.ts';
import type { Trial } from './trial.ts';
import type { Io } from '../terminal/io.ts';
import { counted, grouped, printable, table } from '../terminal/table.ts';

/** What to do about rejected rows, by their most frequent reason. */
const ADVICE: Readonly<Record<Exclude<RowReason, 'too_many_refused'>, string>> = {
  row_malformed:
    'Rows have more or fewer fields than the header, or an unclosed quote: fix the export. Each of these rows is kept as it was read.',
  purchase_id_missing:
    'Rows have no purchase id: with --map purchase_id=null, each row is a purchase.',
  customer_id_missing:
    'These rows do not identify a customer: leave them in quarantine, or name a column that does: --map customer_key=COLUMN.',
  customer_id_invalid:
    'Customer ids are not whole numbers: --map customer_key=COLUMN accepts text.',
  customer_key_missing:
    'These rows do not identify a customer: leave them in quarantine, or name a column that does: --map customer_key=COLUMN.',
  customer_key_invalid: 'Customer keys are longer than 255 characters: is it the right column?',
  purchase_date_missing: 'Rows have no date: is it the right column? --map purchase_date=COLUMN.',
  purchase_date_invalid:
    'Dates do not match the declared formats: give --date-format, once for each format.',
  purchase_date_out_of_range:
    'Dates are before 1900 or in the future: are day and month in the right order? --date-format.',
  amount_missing: 'Rows have no amount: is it the right column? --map amount=COLUMN.',
  amount_invalid:
    "Amounts are not plain numbers: remove currency signs from the file (sed 's/[$€£]//g'), or declare the decimal mark: --decimal ,",
  amount_out_of_range:
    'Amounts are larger than 10^14: is it the right column? --map amount=COLUMN.',
  currency_missing: 'Rows have no currency: --currency CODE sets one for all.',
  currency_invalid: 'Currencies are not three letters: --currency CODE sets one for all.',
  updated_at_invalid:
    'Values of updated_at are neither numbers nor times: is it the right column? --map updated_at=COLUMN, or give --date-format.',
  fx_rate_missing:
    'There is no exchange rate for these days or currencies: import a newer table with purchases fx import FILE.',
};

/**
 * Formats the trial for people: how many rows would be accepted, why the others would be rejected,
 * and what to do about it.
 */
export function trialText(io: Io, trial: Trial): string {
  const colours = coloursFor(io, io.stderr);
  const { read, accepted, quarantined } = trial.rows;
  const reasons = Object.entries(trial.reasons).toSorted(([, a], [, b]) => b - a);
  const rows = reasons.map(([code, count]) => [code, grouped(count)]);
  const advice = new Map(Object.entries(ADVICE)).get(reasons[0]?.[0] ?? '');
  return [
    `${colours.bold('Tried')}  ${counted(read, 'row')} = ${grouped(accepted)} accepted + ${grouped(quarantined)} quarantined`,
    ...(rows.length === 0 ? [] : [table(['reason', 'rows'], rows, ['left', 'right'])]),
    ...(advice === undefined ? [] : [advice]),
    ...trial.refused.map(
      ({ file, reason, message }) =>
        `${colours.yellow(printable(file))}: ${reason}. ${printable(message)}`,
    ),
  ].join('\n');
}

/** The commands to run next. */
export function nextText(io: Io, lake: string, folder: string, files: readonly string[]): string {
  const target = `${lake.replace(/\/+$/, '')}/bronze/${folder}`;
  return [
    coloursFor(io, io.stderr).bold('Next'),
    `  mkdir -p ${shellWord(target)}`,
    ...files.map((file) => `  cp ${shellWord(file)} ${shellWord(`${target}/${basename(file)}`)}`),
    '  purchases run',
  ].join('\n');
}

const shellWord = (text: string): string =>
  /^[\w./:=@%+-]+$/.test(text) ? text : `'${printable(text).replaceAll("'", String.raw`'\''`)}'`;

/** All open questions about the files in one error, each with the flag that answers it. */
export function openQuestions(
  files: readonly string[],
  questions: readonly Question[],
): UsageError {
  const lines = questions.map(({ asks, candidates, flag }) => {
    const options = candidates.slice(0, 8).flatMap((candidate) => optionOf(flag, candidate));
    const how = options.length === 0 ? `${flag}…` : options.join(' or ');
    return `  ${printable(asks)}\n    Give ${printable(how)}`;
  });
  const what = questions.length === 1 ? 'One question' : `${questions.length} questions`;
  return new UsageError(
    `${what} about ${files.join(', ')} must be answered:\n${lines.join('\n')}`,
    {
      hint: 'Nothing was written. Run the same command again with these flags.',
    },
  );
}

const optionOf = (flag: string, candidate: string): string =>
  flag.endsWith('=')
    ? `${flag.slice(0, flag.indexOf(' ') + 1)}${shellWord(`${flag.slice(flag.indexOf(' ') + 1)}${candidate}`)}`
    : `${flag}${shellWord(candidate)}`;
