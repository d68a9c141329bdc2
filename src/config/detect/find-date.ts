import { type Column, counted, share } from './column.ts';
import { dateReader } from './date-reader.ts';
import { type DateVerdict, decideDates } from './dates.ts';
import { namedColumns } from './field-names.ts';
import { answered, ask, evidenceOf, mapColumn, type Search } from './search.ts';

const MOST = 0.9;

/** Finds the purchase date and its formats. */
export function findDate(search: Search): void {
  const column = dateColumn(search);
  if (column === undefined) return askForDate(search);
  const verdict = decideDates(column.values);
  const what = verdict.formats.length === 0 ? 'are dates' : `are dates: ${verdict.why}`;
  mapColumn(
    search,
    'purchase_date',
    column,
    `${evidenceOf(search, 'purchase_date')}; ${counted(column, verdict.share, what)}`,
  );
  settleFormats(search, column, verdict);
  if (verdict.local)
    search.remarks.push(
      `The times of "${column.name}" have no offset, so they keep their date. If they are not in the business time zone, declare theirs: timeZone: Europe/London`,
    );
}

function dateColumn(search: Search): Column | undefined {
  const chosen = answered(search, 'purchase_date');
  if (chosen) return chosen;
  const named = namedColumns(search.columns, 'purchase_date').find(holdsDates);
  if (named !== undefined) return named;
  const [only, ...more] = search.columns.filter(holdsDates);
  return more.length === 0 ? only : undefined;
}

/** Asks for the date column. If any columns contain dates, only those are candidates. */
function askForDate(search: Search): void {
  const dated = search.columns.filter(holdsDates);
  const epoch = namedColumns(search.columns, 'purchase_date').find(
    ({ values }) => share(values, (value) => /^\d{10}(?:\d{3})?$/.test(value)) >= MOST,
  );
  const candidates = dated.length > 0 || epoch !== undefined ? dated : search.columns;
  const why =
    dated.length > 1
      ? 'Several contain dates.'
      : epoch === undefined
        ? 'None is named like a date and contains dates.'
        : `"${epoch.name}" counts seconds or milliseconds, such as ${epoch.values[0]}: such numbers are not read as dates. Export it as text, such as 2026-03-30T12:00:00Z.`;
  ask(search, {
    asks: `Which column is the date of the purchase? ${why}`,
    candidates: candidates.map(({ name }) => name),
    flag: '--map purchase_date=',
  });
}

const holdsDates = ({ values }: Column): boolean =>
  values.length > 0 && decideDates(values.slice(0, 1000)).share >= MOST;

/** Sets the formats that were given or that the values decide; otherwise asks for them. */
export function settleFormats(search: Search, column: Column, verdict: DateVerdict): void {
  const given = search.answers.dateFormats;
  if (given !== undefined) {
    const readers = given.map(dateReader);
    const read = column.values.filter((value) => readers.some((reads) => reads(value))).length;
    search.source.dateFormats = given;
    search.notes.set(
      'dateFormats',
      `given; it reads ${read} of ${column.values.length} sampled values`,
    );
    return;
  }
  if (verdict.formats.length > 0) {
    search.source.dateFormats = verdict.formats;
    search.notes.set('dateFormats', verdict.why);
    return;
  }
  if (verdict.candidates.length === 0 && verdict.why === 'ISO dates' && verdict.share > 0) return;
  const [example = ''] = column.values;
  ask(search, {
    asks: `In which format are the dates of "${column.name}", such as ${JSON.stringify(example)}? ${capital(verdict.share === 0 ? 'no value is in a known format' : verdict.why)}.`,
    candidates: verdict.candidates.map((formats) => formats.join(' ')),
    flag: '--date-format ',
  });
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
