import { type Colours, coloursFor } from '../terminal/colours.ts';
import type { Io } from '../terminal/io.ts';
import { skippedText } from './print-skipped.ts';
import type { RunOutcome } from './run-lake.ts';
import { grouped, money, printable, table } from '../terminal/table.ts';

/**
 * A run's account for people: what came of the rows, what was refused and why, what changed in the
 * table, and what to try next.
 */
export function reportText(io: Io, outcome: RunOutcome): string {
  const colours = coloursFor(io, io.stdout);
  const { report, work } = outcome;
  const parts =
    work === 'lake'
      ? [
          rowsText(outcome, colours),
          erasedText(outcome, colours),
          refusalsText(outcome, colours),
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
    return `Bronze is as it was (${grouped(unchanged)} objects unchanged); the serving table was behind and was brought up to date.`;
  if (report.seq === 0) return 'Nothing to do: there is no purchase file in bronze yet.';
  const objects = unchanged === 1 ? '1 object is' : `${grouped(unchanged)} objects are`;
  return `Nothing to do: ${objects} unchanged, made with the same rules and rates, and the serving table is at seq ${report.seq}.`;
}

function rowsText({ report }: RunOutcome, colours: Colours): string {
  const { objects, rows } = report;
  const changes = (['added', 'replaced', 'remade', 'removed', 'unchanged'] as const)
    .filter((name) => objects[name] > 0)
    .map((name) => `${grouped(objects[name])} ${name}`);
  const counted = ['accepted', 'duplicate', 'superseded', 'deleted', 'quarantined'] as const;
  const fates = [...counted, ...(rows.erased > 0 ? (['erased'] as const) : [])].map(
    (name) => `${grouped(rows[name])} ${name}`,
  );
  return [
    `${colours.bold('Objects')}  ${changes.join(', ')}`,
    `${colours.bold('Rows')}     ${grouped(rows.read)} read = ${fates.join(' + ')}`,
  ].join('\n');
}

/** Objects of this run from which rows of erased people were removed. */
function erasedText({ erased }: RunOutcome, colours: Colours): string {
  if (erased.length === 0) return '';
  const shown = erased
    .slice(0, 10)
    .map(({ key, rows }) => `${printable(key)}: ${grouped(rows.erased ?? 0)}`);
  const more = erased.length > 10 ? [`and ${grouped(erased.length - 10)} more objects`] : [];
  return `${colours.bold('Erased')}   rows of people who were erased, removed from bronze: ${[...shown, ...more].join(', ')}`;
}

function refusalsText({ report }: RunOutcome, colours: Colours): string {
  const reasons = Object.entries(report.reasons);
  const repairs = Object.entries(report.repairs).map(([code, n]) => `${grouped(n)} ${code}`);
  const mended = repairs.length === 0 ? '' : `Repaired in accepted rows: ${repairs.join(', ')}`;
  if (reasons.length === 0) return mended;
  const lines = table(
    ['refused because', 'rows'],
    reasons.map(([code, n]) => [code, grouped(n)]),
    ['left', 'right'],
  );
  const kept = 'Kept raw, with what to do about each: purchases quarantine';
  return [colours.bold('Refused'), lines, colours.dim(kept), mended]
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
      `Not read, since only .csv .tsv .txt .json .jsonl .ndjson (and .gz of them) are: ${ignored.map(printable).slice(0, 10).join(', ')}${ignored.length > 10 ? `, and ${ignored.length - 10} more` : ''}`,
    );
  return lines.join('\n');
}

function tableText({ report, work }: RunOutcome, colours: Colours): string {
  if (work === 'none') return '';
  const { total, inserted, updated, deleted } = report.customers;
  return `${colours.bold('Serving table')}  ${grouped(total)} customers: ${grouped(inserted)} inserted, ${grouped(updated)} updated, ${grouped(deleted)} deleted`;
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
    `The exchange rates end on ${rates.newest}, ${rates.ageDays} days ago (${rates.origin}). Newer purchases in other currencies wait in quarantine: purchases fx import FILE.`,
  );
}

function nextText({ report, work }: RunOutcome, colours: Colours): string {
  const next =
    report.seq === 0
      ? 'put CSV or JSON files into bronze/, or try purchases run --samples'
      : work === 'none'
        ? 'purchases plan'
        : 'purchases query "select * from gold order by total_spent_aud desc limit 5"';
  return `${colours.bold('Next')}  ${next}`;
}
