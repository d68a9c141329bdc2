import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readLedger } from '../../src/lake/ledger/ledger.ts';
import type { DataFile, LakeState } from '../../src/lake/ledger/records.ts';
import { folderStore } from '../../src/stores/filesystem/filesystem.ts';
import { goldLines, type GoldRow } from '../support/gold-rows.ts';
import { isMet } from './hazards.ts';
import { rowsLeft } from './objects.ts';
import { tableText } from './serving.ts';
import { type Lake, whomRowsName } from './lake.ts';
import { remainsIn } from './remains.ts';
import type { Row, World } from './world.ts';

/** Gold as text, one line per customer. */
export const goldText = (rows: readonly GoldRow[]): string => goldLines(rows).join('\n');

/** The cells of the lake's newest gold. */
export async function goldOf(world: World, lake: Lake): Promise<Row[]> {
  const { gold } = await readLedger(folderStore(lake.root));
  const rows: Row[] = [];
  for (const { key } of gold?.files ?? [])
    rows.push(...(await world.rows(await readFile(join(lake.root, key)))));
  return rows;
}

export const difference = (wanted: string, got: string): string => {
  const [was, is] = [wanted.split('\n'), got.split('\n')];
  return [
    ...was.filter((row) => !is.includes(row)).map((row) => `- ${row}`),
    ...is.filter((row) => !was.includes(row)).map((row) => `+ ${row}`),
  ].join('; ');
};

/**
 * Checks a lake and its table. Returns one line per violation, starting with the name of the check.
 * `settled`: the last command read all of bronze, so bronze holds nothing of an erased person.
 * Otherwise files that arrived since then are unchanged.
 */
export async function violationsIn(
  world: World,
  lake: Lake,
  { settled }: { settled: boolean },
): Promise<string[]> {
  const found: string[] = [];
  const check = (name: string, what: string): void => {
    if (what !== '') found.push(`${name}: ${what}`);
  };
  const ledger = await readLedger(folderStore(lake.root));
  const wanted = goldText(lake.expected?.gold ?? []);
  const gold = goldText(await goldOf(world, lake));
  check('gold follows the rules', wanted === gold ? '' : difference(wanted, gold));
  const owed = world.tables.get(lake.warehouse) ?? '';
  const table = await tableText(world, lake);
  check('the table is what it must be', owed === table ? '' : difference(owed, table));
  check('committed files stay', await committedFiles(world, lake, ledger));
  check('bronze is changed by erasure alone', await bronzeFaults(world, lake, settled));
  if (isMet('conservation')) check('rows are conserved', conserved(lake, ledger));
  if (settled && isMet('remains'))
    check('nothing of an erased person is left', await remainsIn(world, lake));
  return found;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * Every file that the newest commit names is intact, and no committed name ever has other bytes.
 */
async function committedFiles(world: World, lake: Lake, ledger: LakeState): Promise<string> {
  const named: DataFile[] = [
    ...ledger.files.values(),
    ...(ledger.gold?.files ?? []),
    ...ledger.keys.files,
  ];
  for (const { key, sha256: recorded } of named) {
    const bytes = await readFile(join(lake.root, key)).catch(() => undefined);
    if (bytes === undefined) return `${key} is not there`;
    const digest = sha256(bytes);
    if (digest !== recorded) return `${key} differs from its commit`;
    const before = world.committed.get(`${lake.root} ${key}`);
    if (before !== undefined && before !== digest) return `${key} has other bytes than before`;
    world.committed.set(`${lake.root} ${key}`, digest);
  }
  return '';
}

/** Bronze holds all objects as they arrived, except rows that name an erased person. */
async function bronzeFaults(world: World, lake: Lake, settled: boolean): Promise<string> {
  const whom = whomRowsName(lake, world.people);
  const erased = lake.erased.map(({ index }) => index);
  for (const [key, object] of lake.objects) {
    const path = join(lake.root, 'bronze', key);
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes === undefined) return `${key} is gone`;
    if (Math.floor((await stat(path)).mtimeMs / 1000) !== object.modified)
      return `${key} has another time`;
    if (Buffer.compare(bytes, object.bytes) === 0) {
      const names = object.rows.some((row) => whom(row).sure.some((one) => erased.includes(one)));
      if (names && settled) return `${key} still names an erased person`;
      continue;
    }
    const left = rowsLeft(object, bytes);
    if (left === undefined) return `${key} was written in another way`;
    for (const [at, row] of object.rows.entries()) {
      const { sure, maybe } = whom(row);
      const mustGo = sure.some((one) => erased.includes(one));
      const mayGo = mustGo || maybe.some((one) => erased.includes(one));
      if (settled && mustGo && left[at] === true)
        return `${key} row ${at + 1} names an erased person: ${object.texts[at]}`;
      if (!mayGo && left[at] !== true)
        return `${key} row ${at + 1} belongs to no erased person, and is missing: ${object.texts[at]}`;
    }
  }
  return '';
}

/** The outcomes of each object add up to the rows that arrived. */
function conserved(lake: Lake, ledger: LakeState): string {
  const objects = lake.expected?.answer.objects ?? new Map();
  for (const [key, { rows }] of objects) {
    const record = ledger.objects.get(key);
    if (record === undefined) return `${key} is not in the ledger`;
    const { read, ...outcomes } = record.rows as Record<string, number>;
    const sum = Object.values(outcomes).reduce((all, one) => all + one, 0);
    if (read !== rows.read || sum !== rows.read)
      return `${key}: ${rows.read} rows arrived, ${JSON.stringify(record.rows)}`;
  }
  const more = [...ledger.objects.keys()].filter((key) => !objects.has(key));
  return more.length === 0 ? '' : `${more.join(', ')} is in the ledger`;
}
