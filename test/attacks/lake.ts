import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { commitKey } from '../../src/lake/layout.ts';
import { readCommit, readLedger } from '../../src/lake/ledger/ledger.ts';
import { folderStore } from '../../src/stores/filesystem/filesystem.ts';
import { collisionsOf, goldWithout, registryWithout } from '../oracle/erasure.ts';
import { oracle, type OracleGoldRow, type OracleOutput } from '../oracle/index.ts';
import { type AttackObject, asLeft } from './objects.ts';
import { REFUSED_NAMES } from './odd-names.ts';
import type { People, Person } from './people.ts';
import type { AttackRow } from './rows.ts';
import { configText, OTHER_RATES, ratesText, type Settings, sourcesOf } from './settings.ts';

/** The expected content of the lake's newest commit. */
export type Expected = { gold: readonly OracleGoldRow[]; answer: OracleOutput };

/** A lake on disk, and the test's own record of it, kept without reading the product's output. */
export type Lake = {
  root: string;
  config: string;
  warehouse: string;
  rates: string;
  settings: Settings;
  /** Bronze as it arrived: rows of erased people are still in it. */
  objects: Map<string, AttackObject>;
  erased: Person[];
  /** Rows that may concern an erased person, and that the erasure listed and kept. */
  keptTexts: string[];
  /** Every key that was ever assigned an integer. */
  registry: Map<string, number>;
  /** The last state that a command reported as done; undefined before the first. */
  expected: Expected | undefined;
  /** True if bronze holds names that no lake accepts. */
  hasRefusedNames: boolean;
};

export const emptyLake = (
  at: Pick<Lake, 'root' | 'config' | 'warehouse' | 'rates' | 'settings'>,
): Lake => ({
  ...at,
  objects: new Map(),
  erased: [],
  keptTexts: [],
  registry: new Map(),
  expected: undefined,
  hasRefusedNames: false,
});

/**
 * Returns a function that decides whom an erasure must find in a row, and whom it may. An address
 * alone names a person only if another row of theirs, with their customer_id or key, has it.
 */
export function whomRowsName(
  { objects }: Lake,
  { all }: People,
): (row: AttackRow) => Pick<AttackRow, 'sure' | 'maybe'> {
  const known = new Set<number>();
  for (const { rows } of objects.values())
    for (const { cells, sure, byAddress } of rows)
      for (const index of sure)
        if (byAddress !== true && cells.includes(all[index]?.email ?? '')) known.add(index);
  return ({ sure, maybe, byAddress }) =>
    byAddress === true && !sure.every((index) => known.has(index))
      ? { sure: [], maybe: [...sure, ...maybe] }
      : { sure, maybe };
}

/** A snapshot of the record, for copies and backups. */
export const remembered = (lake: Lake): Lake => ({
  ...lake,
  objects: new Map(lake.objects),
  erased: [...lake.erased],
  keptTexts: [...lake.keptTexts],
  registry: new Map(lake.registry),
});

export async function writeConfig(lake: Lake): Promise<void> {
  const { settings, root, warehouse, rates } = lake;
  await mkdir(join(root, 'bronze'), { recursive: true });
  await writeFile(
    lake.config,
    configText(settings, { lake: root, warehouse: `pglite:${warehouse}`, rates }),
  );
  await writeFile(rates, ratesText(settings.rates));
  // A file whose name the name of the rates matches as a pattern.
  const other = rates.replaceAll(/[[\]*]/g, '');
  if (other !== rates) await writeFile(other, ratesText(OTHER_RATES));
}

const pathOf = ({ root }: Lake, key: string): string => join(root, 'bronze', key);

export async function putObject(lake: Lake, object: AttackObject): Promise<void> {
  const path = pathOf(lake, object.key);
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  await writeFile(path, object.bytes);
  await utimes(path, object.modified, object.modified);
  lake.objects.set(object.key, object);
}

export async function removeObject(lake: Lake, key: string): Promise<void> {
  await rm(pathOf(lake, key));
  lake.objects.delete(key);
}

/**
 * Renames a file and keeps its content and time. Under the new name it arrives as erasures left it.
 */
export async function renameObject(lake: Lake, from: string, to: string): Promise<void> {
  const known = lake.objects.get(from);
  if (known === undefined || lake.objects.has(to)) return;
  const object = asLeft(known, await readFile(pathOf(lake, from)));
  await mkdir(dirname(pathOf(lake, to)), { recursive: true });
  await rename(pathOf(lake, from), pathOf(lake, to));
  lake.objects.delete(from);
  lake.objects.set(to, { ...object, key: to });
}

/** Changes the modification time on disk, with or without the last-modified time. */
export async function touchObject(lake: Lake, key: string, modified?: number): Promise<void> {
  const path = pathOf(lake, key);
  await chmod(path, 0o600);
  await chmod(path, 0o644);
  const object = lake.objects.get(key);
  if (modified === undefined || object === undefined) return;
  await utimes(path, modified, modified);
  lake.objects.set(key, { ...object, modified });
}

/** Adds names that no lake accepts, a link and a pipe to the good files. */
export async function putRefusedNames(lake: Lake, which: number): Promise<void> {
  const folder = join(lake.root, 'bronze', 'shop', '2026-04-01');
  mkdirSync(folder, { recursive: true });
  lake.hasRefusedNames = true;
  const name = REFUSED_NAMES[which];
  if (name !== undefined)
    return writeFile(
      Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name as string)]),
      'customer_id\n1\n',
    );
  if (which % 2 === 0) await symlink(lake.config, join(folder, 'link.csv')).catch(() => undefined);
  else if (!(await readdir(folder)).includes('pipe.csv'))
    execFileSync('mkfifo', [join(folder, 'pipe.csv')]);
}

/** `cp -a`. */
export function copyFolder(from: string, to: string): void {
  execFileSync('cp', ['-a', '--', from, to]);
}

/** The expected gold for the files in bronze. */
export function expectedNow(lake: Lake): Expected & { collisions: string[] } {
  const { settings } = lake;
  const { registry, retiredIds } = registryWithout(lake.registry, lake.erased);
  const answer = oracle({
    objects: [...lake.objects.values()],
    sources: sourcesOf(settings),
    rates: [...settings.rates],
    timeZone: 'Australia/Sydney',
    maxAgeDays: 7,
    maxQuarantinedShare: settings.maxQuarantinedShare,
    maxInflation: 200,
    firstCustomerId: settings.firstCustomerId,
    registry,
    retiredIds,
    erased: lake.erased.flatMap(({ id }) => (id === null ? [] : [Number(id)])),
  });
  return {
    answer,
    gold: goldWithout(answer, lake.erased),
    collisions: collisionsOf(answer, lake.erased),
  };
}

/** The people who have a purchase, or had one before it was superseded. */
export function buyers({ all }: People, { answer }: Expected, erased: readonly Person[]): Person[] {
  return all.filter(
    (person) =>
      !erased.some(({ index }) => index === person.index) &&
      answer.versions.some(
        ({ customer_id, customer_key }) =>
          (person.id !== null && customer_key === null && customer_id === person.id) ||
          (person.key !== null && customer_key === person.key),
      ),
  );
}

/** The lake's name and the commits that it knows. */
export async function chainOf({
  root,
}: Lake): Promise<{ lake: string | null; commits: Set<string> }> {
  const store = folderStore(root);
  const { lake, seq } = await readLedger(store);
  const commits = new Set<string>();
  for (let one = 1; one <= seq; one++)
    commits.add((await readCommit(store, commitKey(one))).digest);
  return { lake, commits };
}
