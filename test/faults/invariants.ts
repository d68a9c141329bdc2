import type { PGlite } from '@electric-sql/pglite';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { duckdbDialect } from '../../src/engines/duckdb/dialect.ts';
import { openSession, type Session } from '../../src/engines/duckdb/session.ts';
import { parquet } from '../../src/engines/duckdb/files.ts';
import { commitKey } from '../../src/lake/layout.ts';
import { readCommit, readLedger } from '../../src/lake/ledger/ledger.ts';
import type { LakeState } from '../../src/lake/ledger/records.ts';
import { goldDigest } from '../../src/medallion/gold/silver-to-gold.ts';
import type { OracleOutput } from '../oracle/index.ts';
import { goldLines, servedText, servingTableText } from '../support/gold-rows.ts';
import { digestOf, filesOf, isUnfinished } from './lake-copy.ts';
import { dumpTables, type Tables } from './tables.ts';
import type { World } from './world.ts';

/**
 * The expected state of a stage: from the oracle, and the content digest of a rebuild if one was
 * run.
 */
export type Expected = { answer: OracleOutput; digest: string | undefined };

const cents = (text: string): bigint => BigInt(text.replace('.', ''));

/** The expected rows of the serving table. */
export const servedRows = ({ answer }: Expected): string => servedText(answer.gold);

/** The serving table as a reader sees it. */
export const tableRows = (db: PGlite): Promise<string> => servingTableText(db);

/** Opens the engine that reads gold; one engine serves all checks. */
export const goldReader = (scratch: string): Promise<Session> =>
  openSession({ memoryLimit: '200MB', threads: 1, scratch, signal: new AbortController().signal });

/**
 * Violations after a recovery, one line each, starting with the name of the check; empty if the
 * state is correct.
 */
export async function violationsIn(
  world: World,
  reader: Session,
  expected: Expected,
): Promise<string[]> {
  const found: string[] = [];
  const tables = await dumpTables(world.db);
  const ledger = await readLedger(world.store);
  const files = await filesOf(world.root);
  const check = (name: string, isRight: boolean, what = ''): void => {
    if (!isRight) found.push(what === '' ? name : `${name}: ${what}`);
  };
  const gold = await goldRows(world, reader, ledger);
  const wanted = goldLines(expected.answer.gold);
  check('gold follows the rules', gold.join('\n') === wanted.join('\n'), difference(wanted, gold));
  check('the digest is a rebuild’s', [undefined, ledger.gold?.digest].includes(expected.digest));
  check('the digest is that of gold’s cells', await digestIsOfCells(world, reader, ledger));
  const table = await tableRows(world.db);
  check('the table is gold', table === servedRows(expected), table);
  check('the table is at the newest commit', syncedCommit(tables) === ledger.commit);
  check('staging is clear', tables.customer_purchase_summary_staging === '[]');
  check('every named file is intact', namedFilesAreWhole(ledger, files));
  check('no file is torn under a final name', tornFiles(files).length === 0, tornFiles(files)[0]);
  check('rows are conserved', ...conserved(ledger, expected));
  check(
    'cents are conserved',
    ledger.gold === null || cents(ledger.gold.total) === centsOf(expected),
  );
  check('a checkpoint equals its commits', await checkpointIsTrue(world, ledger));
  return found;
}

/**
 * Violations at the time of death: readers see the lake and the table of before or of after, and
 * nothing in between.
 */
export async function violationsAtDeath(
  world: World,
  before: Expected | undefined,
  after: Expected,
): Promise<string[]> {
  const table = await tableRows(world.db);
  const allowed = [before === undefined ? '' : servedRows(before), servedRows(after)];
  const ledger = await readLedger(world.store);
  const files = await filesOf(world.root);
  return [
    ...(allowed.includes(table) ? [] : ['readers see the table before or after']),
    ...(namedFilesAreWhole(ledger, files) ? [] : ['readers see complete files only']),
  ];
}

/** All persistent state as one text; `unfinished` includes leftovers of killed processes. */
export async function worldDigest(world: World, unfinished: boolean): Promise<string> {
  const files = await filesOf(world.root);
  if (!unfinished) for (const path of [...files.keys()].filter(isUnfinished)) files.delete(path);
  return digestOf(files, timeless(await dumpTables(world.db)));
}

/** The times at which rows were written are no part of their content. */
const timeless = (tables: Tables): string =>
  JSON.stringify(tables).replaceAll(
    /\\"(updated_at|synced_at)\\":\\"[^"]*\\"|\\"staged_id\\":\d+/g,
    '',
  );

/** The state that another run must leave unchanged: everything but the log of runs. */
export async function untouched(world: World): Promise<string> {
  const files = await filesOf(world.root);
  for (const path of [...files.keys()].filter((one) => one.startsWith('_runs/')))
    files.delete(path);
  return digestOf(files, JSON.stringify(await dumpTables(world.db)));
}

async function goldRows(world: World, reader: Session, ledger: LakeState): Promise<string[]> {
  if (ledger.gold === null) return [];
  const paths = ledger.gold.files.map(({ key }) => join(world.root, key));
  const rows = await reader.rows(`select * from ${parquet(reader, paths)}`);
  return goldLines(rows);
}

const syncedCommit = ({ customer_purchase_sync_state: state }: Tables): unknown =>
  (JSON.parse(state) as { commit: unknown }[])[0]?.commit;

function namedFilesAreWhole(ledger: LakeState, files: ReadonlyMap<string, Buffer>): boolean {
  const named = [...ledger.files.values(), ...(ledger.gold?.files ?? []), ...ledger.keys.files];
  return named.every(({ key, sha256, size }) => {
    const bytes = files.get(key);
    return bytes?.length === size && createHash('sha256').update(bytes).digest('hex') === sha256;
  });
}

/** Files whose name marks them as complete, and that are not. */
function tornFiles(files: ReadonlyMap<string, Buffer>): string[] {
  return [...files]
    .filter(([path]) => !isUnfinished(path))
    .filter(([path, bytes]) =>
      path.endsWith('.parquet')
        ? bytes.subarray(-4).toString('latin1') !== 'PAR1'
        : bytes.at(-1) !== '\n'.charCodeAt(0),
    )
    .map(([path]) => path);
}

function conserved(ledger: LakeState, { answer }: Expected): [boolean, string] {
  for (const [key, { rows, status, reason }] of answer.objects) {
    if (status === 'ignored') continue;
    const recorded = ledger.objects.get(key)?.rows;
    const {
      accepted = 0,
      duplicate = 0,
      superseded = 0,
      deleted = 0,
      quarantined = -1,
    } = recorded ?? {};
    const sum = accepted + duplicate + superseded + deleted + quarantined;
    if (recorded?.read !== rows.read || sum !== rows.read || quarantined !== rows.quarantined)
      return [false, `${key} (${reason ?? status}): ${JSON.stringify(recorded)}`];
  }
  return [ledger.objects.size === answer.objects.size, 'objects'];
}

const centsOf = ({ answer }: Expected): bigint =>
  answer.gold.reduce((sum, row) => sum + cents(row.total_spent_aud), 0n);

/**
 * The newest commit matches the state that the ledger returns, whether or not a checkpoint was
 * used.
 */
async function checkpointIsTrue({ store }: World, ledger: LakeState): Promise<boolean> {
  if (ledger.seq === 0) return true;
  const { commit, digest } = await readCommit(store, commitKey(ledger.seq));
  return digest === ledger.commit && commit.gold?.digest === ledger.gold?.digest;
}

const difference = (wanted: readonly string[], got: readonly string[]): string =>
  [
    ...wanted.filter((row) => !got.includes(row)).map((row) => `- ${row}`),
    ...got.filter((row) => !wanted.includes(row)).map((row) => `+ ${row}`),
  ].join('; ');

/**
 * An increment updates the digest as a sum; here it is computed from all cells, after every run.
 */
async function digestIsOfCells(
  world: World,
  reader: Session,
  { gold }: LakeState,
): Promise<boolean> {
  if (gold === null || gold.files.length === 0) return true;
  const paths = gold.files.map(({ key }) => join(world.root, key));
  const [row] = await reader.rows(goldDigest(duckdbDialect, parquet(reader, paths)));
  return row?.['digest'] === gold.digest;
}
