import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aims, aimsTable } from './aims.ts';
import { beyond } from './beyond-section.ts';
import { growthChart, growthTable, growthWords, memoryChart } from './growth-section.ts';
import { inWords } from '../machine.ts';
import { profileTable, profileWords } from './profile-section.ts';
import {
  type AnyRecord,
  CHARTS,
  DOCS,
  type GrowthRecord,
  nameOf,
  type ProfileRecord,
  type ServingRecord,
  type SmallFilesRecord,
  type StartUpRecord,
  type WorkRecord,
} from '../records.ts';
import { servingTable } from '../serving/results.ts';
import { count, markdownTable, median, seconds, times, withSpread } from './words.ts';
import { stepsTable, workChart, workTable } from './work-section.ts';

const INTRODUCTION = `# Benchmarks

Made by \`npm run bench\`; \`npm run bench -- --help\` has its options. Each part says when and on what it was measured.

From CSV files to the serving table in PostgreSQL: parse, validate, deduplicate by purchase_id (the newest wins), convert at dated rates, silver
and gold as Parquet, staging, upsert; then one more file of 0.1% of the rows. All contenders read the same made-up files, in turn, each run in
an empty folder and a new database; the server runs on the same machine and does not wait for the disk. "The limit" is a hand-tuned DuckDB script that
keeps no history, no refused rows and no ledger, and checks nothing. Scripts without a history take in more rows by running again in full,
dbt too: its external Parquet models have no incremental kind. Memory is the most that a contender's processes held at once, without the database server's.
Every contender's serving table is compared with the others' by digest, after both runs: the right one is that of most contenders other than this product.
`;

/** Writes docs/benchmarks.md and its charts from all saved records. */
export async function writePage(records: readonly AnyRecord[]): Promise<string> {
  const sections = records.map((record) => section(record));
  const aimed = ['## Aims', aimsTable(aims(records))].join('\n\n');
  const page = [INTRODUCTION, aimed, ...sections.map(({ text }) => text), beyond(records)]
    .filter((text) => text !== '')
    .join('\n\n')
    .replaceAll(/\n{3,}/g, '\n\n');
  for (const { charts } of sections)
    for (const [name, svg] of Object.entries(charts)) await writeFile(join(CHARTS, name), svg);
  const path = join(DOCS, 'benchmarks.md');
  await writeFile(path, `${page.trimEnd()}\n`);
  return path;
}

type Section = { text: string; charts: Record<string, string> };

/** One record as Markdown, and its charts by file name. */
export function section(record: AnyRecord): Section {
  if (record.part === 'work') return workSection(record);
  if (record.part === 'growth') return growthSection(record);
  if (record.part === 'profile') return { text: profileText(record), charts: {} };
  if (record.part === 'serving') return { text: servingText(record), charts: {} };
  const text = record.part === 'start-up' ? startUpText(record) : smallFilesText(record);
  return { text, charts: {} };
}

const signed = ({ measured, machine }: AnyRecord): string =>
  `Measured on ${measured}, ${inWords(machine)}; ${Object.entries(machine.versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}.`;

function workSection(record: WorkRecord): Section {
  const { figures } = record;
  const chart = `${nameOf(record)}.svg`;
  const failures = figures.contests.filter(({ failed }) => failed !== undefined);
  const steps = stepsTable(figures);
  return {
    charts: { [chart]: workChart(figures) },
    text: [
      `## ${count(figures.rows)} rows`,
      `${figures.files} files, ${count(Math.round(figures.bytes / 1e6))} MB. ${figures.runs === 1 ? 'One run each.' : `Medians of ${figures.runs} runs, least and most in brackets; slow contenders run once.`} ${signed(record)}`,
      `![${count(figures.rows)} rows](bench/${chart})`,
      workTable(figures),
      ...(steps === '' ? [] : ['Where this product spends its time:', steps]),
      ...failures.map(({ title }) => `${title} failed; bench/${nameOf(record)}.json says how.`),
    ].join('\n\n'),
  };
}

function profileText(record: ProfileRecord): string {
  const { figures, machine } = record;
  return [
    `## Where DuckDB's time goes: ${count(figures.rows)} rows`,
    `${profileWords(figures)} ${signed(record)}`,
    profileTable(figures, machine.cores),
  ].join('\n\n');
}

function growthSection(record: GrowthRecord): Section {
  const { figures } = record;
  return {
    charts: { 'growth.svg': growthChart(figures), 'growth-memory.svg': memoryChart(figures) },
    text: [
      '## Growth',
      `One run each. ${signed(record)}`,
      '![Seconds against rows](bench/growth.svg)',
      '![Peak memory against rows](bench/growth-memory.svg)',
      growthTable(figures),
      growthWords(figures),
    ].join('\n\n'),
  };
}

function startUpText(record: StartUpRecord): string {
  const { help, nothing, objects } = record.figures;
  const rows = [
    ['`purchases --help`', withSpread(help), String(help.length)],
    [
      `\`purchases run\` with nothing to do, ${count(objects)} objects`,
      withSpread(nothing),
      String(nothing.length),
    ],
  ];
  return ['## Starting', signed(record), markdownTable(['command', 'seconds', 'runs'], rows)].join(
    '\n\n',
  );
}

function smallFilesText(record: SmallFilesRecord): string {
  const { rows, files, contests } = record.figures;
  const cells = contests.map(({ title, few, many }) => {
    const [a, b] = [median(few.map((run) => run.wall)), median(many.map((run) => run.wall))];
    return [title, seconds(a), seconds(b), times(b / a)];
  });
  return [
    '## Small files',
    `${count(rows)} rows in 10 files, and in ${count(files)} files of 100 rows; the tables are the same. ${signed(record)}`,
    markdownTable(['contender', '10 files, s', `${count(files)} files, s`, 'ratio'], cells),
  ].join('\n\n');
}

function servingText(record: ServingRecord): string {
  return [
    '## Loading the serving table',
    `${count(record.figures.customers)} customers into staging and from there into the table, made by \`npm run bench:serving\`; medians. The servers run on the same machine and do not wait for the disk. Of Spark and pandas only the append to staging is timed, with the rows already in memory. ${signed(record)}`,
    servingTable(record.figures),
  ].join('\n\n');
}
