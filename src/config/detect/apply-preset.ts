import { UsageError } from '../../errors.ts';
import type { Sample } from '../../lake/bronze/sample.ts';
import { normaliseName } from '../../medallion/fields/column-names.ts';
import { columnsOf as columnsOfRule, fitPreset } from '../presets/fit.ts';
import type { Preset } from '../presets/preset.ts';
import { type Column, columnsOf } from './column.ts';
import { decideDates } from './dates.ts';
import { describeFormat, remarkIgnored } from './detect.ts';
import { settleFormats } from './find-date.ts';
import { settleMarks } from './find-money.ts';
import { type Answers, ask, createSearch, type Search } from './search.ts';

/**
 * Fits a ready-made source to a file. The mapping comes from the preset; what varies between
 * exports (dates, marks, a currency that is not in the file) is decided by the values or asked.
 * Errors: `UsageError`, naming the missing columns.
 */
export function applyPreset(preset: Preset, sample: Sample, answers: Answers): Search {
  const search = createSearch(columnsOf(sample), sample.rows.length, answers);
  const { fields, missing } = fitPreset(preset, sample.header);
  if (missing.length > 0)
    throw new UsageError(
      `The file does not fit the preset ${preset.name}: it has no column ${missing.map((name) => JSON.stringify(name)).join(', ')}.`,
      {
        hint: `It has ${sample.header.join(', ')}. Leave --preset out to look for the fields by their names.`,
      },
    );
  describeFormat(search, sample);
  search.source = {
    ...search.source,
    ...preset.source,
    format: { ...search.source.format, ...preset.source.format },
    fields,
  };
  search.remarks.push(
    `Ready-made for ${preset.name}, based on ${preset.follows}`,
    ...preset.limits.map((limit) => `- ${limit}`),
  );
  const [date] = columnsIn(search, fields.purchase_date);
  if (date !== undefined) settleFormats(search, date, decideDates(date.values));
  settleMarks(search, columnsIn(search, fields.amount));
  if (fields.currency === undefined) settleCurrency(search, preset);
  remarkIgnored(search);
  return search;
}

function columnsIn({ columns }: Search, rule: Parameters<typeof columnsOfRule>[0]): Column[] {
  const names = new Set(columnsOfRule(rule).map(normaliseName));
  return columns.filter(({ name }) => names.has(normaliseName(name)));
}

function settleCurrency(search: Search, preset: Preset): void {
  const { currency } = search.answers;
  if (currency === undefined)
    return ask(search, {
      asks: `In which currency are the amounts? A file of ${preset.name} does not name it.`,
      candidates: [],
      flag: '--currency ',
    });
  search.source.fields.currency = { constant: currency.toUpperCase() };
  search.notes.set('fields.currency', 'given');
}
