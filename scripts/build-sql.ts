// Writes the SQL that Spark runs for the canonical headers to glue/sql, one statement per file, as
// reading material: `npm run generate`. No code reads these files; jobs receive their statements as
// input, with exactly these texts.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../src/config/load.ts';
import { sourceSql } from '../src/engines/spark/bronze-sql.ts';
import { goldSql, loadSql, type View } from '../src/engines/spark/gold-sql.ts';
import type { Source } from '../src/medallion/source.ts';
import { ratesByDay } from '../src/medallion/rates.ts';

const FOLDER = fileURLToPath(new URL('../glue/sql', import.meta.url));

/**
 * Zone transitions are embedded in the SQL up to the latest arrival time; later years appear once
 * an object arrives then.
 */
export const ARRIVED_BY = '2026-12-31';
export const TIME_ZONE = 'Australia/Sydney';
const MAX_AGE_DAYS = 7;

/** The source of a lake without a configuration. */
export async function defaultSource(): Promise<Source> {
  const empty = await mkdtemp(join(tmpdir(), 'no-configuration-'));
  try {
    const { sources } = await loadConfig({ cwd: empty, env: {}, flags: {} });
    const [source] = sources;
    if (source === undefined) throw new Error('there is no source by default');
    return source;
  } finally {
    await rm(empty, { recursive: true });
  }
}

const about = (lines: string, sql: string): string =>
  `${lines
    .split('\n')
    .map((line) => `-- ${line}`)
    .join('\n')}\n${sql.trim()}\n`;

const inOrder = (views: readonly View[]): string =>
  views.map(({ name, sql }) => `create or replace temporary view ${name} as\n${sql};`).join('\n\n');

function bronzeToSilver(source: Source): [string, string][] {
  const { statements } = sourceSql(source, TIME_ZONE, ARRIVED_BY);
  const facts = `canonical headers, ${TIME_ZONE}, objects that arrived by ${ARRIVED_BY}`;
  const kinds = {
    lines: 'text without quotes, which Spark splits',
    rows: 'quoted CSV and JSON, whose rows come split',
  };
  return Object.entries(kinds).flatMap(([kind, what]) => {
    const { silver, quarantine, shares, everyday } = statements.own[kind as keyof typeof kinds];
    const name = (layer: string): string => `bronze_to_silver/${layer}_of_${kind}.sql`;
    const many: [string, string][] =
      everyday === null
        ? []
        : [
            [name('everyday_silver'), about(`The same for many lines: ${facts}.`, everyday.silver)],
            [
              name('everyday_quarantine'),
              about(`The same for many lines: ${facts}.`, everyday.quarantine),
            ],
          ];
    return [
      ...many,
      [name('silver'), about(`Purchase versions of ${what}: ${facts}.`, silver)],
      [name('quarantine'), about(`Refused rows of ${what}: ${facts}.`, quarantine)],
      [
        name('shares'),
        about(`Rows read and rejected of each object, if a share is set: ${facts}.`, shares),
      ],
    ] as [string, string][];
  });
}

function silverToGold(): [string, string][] {
  const sql = goldSql();
  const files: Record<string, [string, string]> = {
    '1_versions_read': ['Every live row with its place in the order of arrival.', sql.versionsRead],
    '2_colliding_customer_keys': [
      'Rows that have a customer_id of the registry fail the run.',
      sql.colliding.rows,
    ],
    '2_new_customer_keys': [
      'New customer keys get the next integers.',
      inOrder([...sql.freshKeys, ...sql.numbered.plain]),
    ],
    '2_new_customer_keys_past_taken': [
      'The same where rows have some of these integers as their customer_id.',
      inOrder(sql.numbered.pastTaken),
    ],
    '3_versions_with_keys': [
      'The view versions where a row has a customer key.',
      sql.versions.keyed,
    ],
    '3_versions_without_keys': ['The view versions where none has.', sql.versions.plain],
    '4_all_customers': ['Winners if gold is rebuilt.', inOrder(sql.whole)],
    '4_touched_customers': [
      'Winners of just the customers whom the change touches.',
      inOrder(sql.touched),
    ],
    '5_fates': ['Outcomes of the rows of each object.', sql.fates],
    '6_gold_of_all': ['Gold if it is rebuilt.', sql.gold.whole],
    '6_gold_of_touched': ['Gold on top of the gold before.', sql.gold.touched],
    '7_digest': ['What the ledger knows gold by.', sql.digest],
    '8_total': ['The total over all customers.', sql.total],
    '9_unfit': ['A total that does not fit fails the run.', sql.unfit],
  };
  return Object.entries(files).map(([name, [lines, text]]) => [
    `silver_to_gold/${name}.sql`,
    about(lines, text),
  ]);
}

/** The files by path below glue/sql. */
export function sqlFiles(source: Source): Map<string, string> {
  return new Map([
    [
      'bronze_to_silver/rates_by_day.sql',
      about('The view rates_by_day: a row a currency and day.', ratesByDay('rates', MAX_AGE_DAYS)),
    ],
    ...bronzeToSilver(source),
    ...silverToGold(),
    [
      'gold_to_rds/difference.sql',
      about('What a load from one gold to another stages.', loadSql(true)),
    ],
    ['gold_to_rds/whole.sql', about('What a load of all of gold stages.', loadSql(false))],
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await rm(FOLDER, { recursive: true, force: true });
  for (const [path, text] of sqlFiles(await defaultSource())) {
    await mkdir(dirname(join(FOLDER, path)), { recursive: true });
    await writeFile(join(FOLDER, path), text);
  }
}
