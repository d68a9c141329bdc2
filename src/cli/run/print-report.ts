import { type Colours, coloursFor } from '../terminal/colours.ts';
import type { Io } from '../terminal/io.ts';
import { skippedText } from './print-skipped.ts';
import type { RunOutcome } from './run-lake.ts';
import { counted, grouped, money, printable, table } from '../terminal/table.ts';

/**
 * Formats a run's report for people: row counts, rejected rows with their reasons, changes to the
 * serving table and the next command to try.
 */
export function reportText(io: Io, outcome: RunOutcome): string {
  const colours = coloursFor(io, io.stdout);
  const { report, work } = outcome;
  const parts =
    work === 'lake'
      ? [
          rowsText(outcome, colours),
          erasedText(outcome, colours),
          rejectionsText(outcome, colours),
          objectsText(outcome, colours),
        ]
      : [idleText(outcome)];
  parts.push(skippedText(report.skipped ?? [], colours).join('\n'));
  return [
    ...parts,
    tableText(outcome, colours),
    topText(outcome, colours),
    ratesText(outcome, colours),
    nextText(outcome, colours),
  ]
    .filter((part) => part !== '')
    .concat(
      `run ${report.run_id}, seq ${report.seq}, ${(report.seconds['total'] ?? 0).toFixed(1)} s`,
    )
    .join('\n\n');
}

function idleText({ report, work }: RunOutcome): string {
  const { unchanged } = report.objects;
  if (work === 'tables')
    return `Bronze is unchanged (${counted(unchanged, 'object')}). The serving table was behind and is now up to date.`;
  if (report.seq === 0) return 'Nothing to do: bronze has no purchase files yet.';
  const objects = `${counted(unchanged, 'object')} ${unchanged === 1 ? 'is' : 'are'}`;
  return `Nothing to do: ${objects} unchanged, rules and rates are the same, and the serving table is at seq ${report.seq}.`;
}

function rowsText({ report }: RunOutcome, colours: Colours): string {
  const { objects, rows } = report;
  const changes = (['added', 'replaced', 'remade', 'removed', 'unchanged'] as const)
    .filter((name) => objects[name] > 0)
    .map((name) => `${grouped(objects[name])} ${name}`);
  const always = ['accepted', 'duplicate', 'superseded', 'deleted', 'quarantined'] as const;
  const outcomes = [...always, ...(rows.erased > 0 ? (['erased'] as const) : [])].map(
    (name) => `${grouped(rows[name])} ${name}`,
  );
  return [
    `${colours.bold('Objects')}  ${changes.join(', ')}`,
    `${colours.bold('Rows')}     ${grouped(rows.read)} read = ${outcomes.join(' + ')}`,
  ].join('\n');
}

/** Lists the objects from which this run removed rows of erased customers. */
function erasedText({ erased }: RunOutcome, colours: Colours): string {
  if (erased.length === 0) return '';
  const shown = erased
    .slice(0, 10)
    .map(({ key, rows }) => `${printable(key)}: ${grouped(rows.erased ?? 0)}`);
  const more = erased.length > 10 ? [`and ${grouped(erased.length - 10)} more objects`] : [];
  return `${colours.bold('Erased')}   rows of erased customers, removed from bronze: ${[...shown, ...more].join(', ')}`;
}

function rejectionsText({ report }: RunOutcome, colours: Colours): string {
  const reasons = Object.entries(report.reasons);
  const counts = Object.entries(report.repairs).map(([code, n]) => `${grouped(n)} ${code}`);
  const cleanups = counts.length === 0 ? '' : `Cleanups in accepted rows: ${counts.join(', ')}`;
  if (reasons.length === 0) return cleanups;
  const lines = table(
    ['reason', 'rows'],
    reasons.map(([code, n]) => [code, grouped(n)]),
    ['left', 'right'],
  );
  const hint = 'To see these rows and what to do about them: purchases quarantine';
  return [colours.bold('Rejected'), lines, colours.dim(hint), cleanups]
    .filter((line) => line !== '')
    .join('\n');
}

function objectsText({ refused, ignored }: RunOutcome, colours: Colours): string {
  const lines = refused.map(
    ({ key, refused: why }) =>
      `${colours.yellow(printable(key))}: ${why?.reason}. ${printable(why?.message ?? '')}`,
  );
  if (ignored.length > 0)
    lines.push(
      `Ignored, since the extension is not .csv .tsv .txt .json .jsonl or .ndjson (or .gz of these): ${ignored.map(printable).slice(0, 10).join(', ')}${ignored.length > 10 ? `, and ${ignored.length - 10} more` : ''}`,
    );
  return lines.join('\n');
}

function tableText({ report, work }: RunOutcome, colours: Colours): string {
  if (work === 'none') return '';
  const { total, inserted, updated, deleted } = report.customers;
  return `${colours.bold('Serving table')}  ${counted(total, 'customer')}: ${grouped(inserted)} inserted, ${grouped(updated)} updated, ${grouped(deleted)} deleted`;
}

function topText({ top }: RunOutcome, colours: Colours): string {
  if (top === undefined || top.rows.length === 0) return '';
  const totals = top.columns.indexOf('total_spent_aud');
  const rows = top.rows.map((row) =>
    row.map((cell, column) => (column === totals && cell !== null ? money(cell) : cell)),
  );
  return [
    colours.bold('Top customers'),
    table(top.columns, rows, ['right', 'left', 'left', 'right']),
  ].join('\n');
}

function ratesText({ rates }: RunOutcome, colours: Colours): string {
  if (rates.ageDays <= 7) return '';
  return colours.yellow(
    `The exchange rates end on ${rates.newest}, ${rates.ageDays} days ago (${rates.origin}). Newer purchases in other currencies wait in quarantine. To import newer rates: purchases fx import FILE`,
  );
}

function nextText({ report, work }: RunOutcome, colours: Colours): string {
  const next =
    report.seq === 0
      ? 'put CSV or JSON files into bronze/, or try: purchases run --samples'
      : work === 'none'
        ? 'purchases plan'
        : 'purchases query "select * from gold order by total_spent_aud desc limit 5"';
  return `${colours.bold('Next')}  ${next}`;
}
