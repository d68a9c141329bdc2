import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import type { Config } from '../../config/config.ts';
import { isS3 } from '../../config/locations.ts';
import { suggest } from '../../config/shape/suggest.ts';
import { LakeMissing } from '../../errors.ts';
import { BRONZE, LEDGER } from '../../lake/layout.ts';
import { openStore } from './wiring.ts';

/**
 * Refuses a lake that does not exist, before anything is written: otherwise a mistyped name would
 * be an empty lake, whose results look correct. A lake contains bronze or a ledger; in S3, an
 * object of one of them. Error: `LakeMissing`.
 */
export async function requireLake({ lake }: Pick<Config, 'lake'>): Promise<void> {
  if (!isS3(lake)) {
    await requireFolder({ lake });
    if (await holdsLake(lake)) return;
    throw missing(`The folder ${lake} is not a lake: it has neither ${BRONZE} nor ${LEDGER}.`, [
      ...((await holdsLake(dirname(lake))) ? [dirname(lake)] : []),
      ...(await lakesBeside(join(lake, '_'))),
    ]);
  }
  const store = await openStore({ lake });
  for (const prefix of [LEDGER, BRONZE]) for await (const _ of store.list(prefix)) return;
  throw missing(`There is no lake at ${lake}: no object below ${BRONZE} or ${LEDGER}.`, []);
}

/**
 * Refuses a folder that does not exist, for commands that write into it. Its bronze may be empty.
 * Error: `LakeMissing`.
 */
export async function requireFolder({ lake }: Pick<Config, 'lake'>): Promise<void> {
  if (isS3(lake)) return;
  const found = await facts(lake);
  if (found?.isDirectory() === true) return;
  if (found !== undefined)
    throw missing(`The lake ${lake} is a file; a lake is a folder with ${BRONZE} in it.`, []);
  const beside = await lakesBeside(lake);
  const near = suggest(
    basename(lake),
    beside.map((path) => basename(path)),
  );
  throw missing(
    `There is no lake at ${lake}: no such folder.`,
    near === undefined ? beside : [join(dirname(lake), near)],
  );
}

function missing(message: string, others: readonly string[]): LakeMissing {
  const [meant, ...more] = others;
  const first =
    meant === undefined
      ? 'Name the lake with --lake.'
      : more.length === 0
        ? `Did you mean --lake ${meant}?`
        : `Lakes nearby: ${others.slice(0, 5).join(', ')}.`;
  return new LakeMissing(message, {
    hint: `${first} To start a new lake, put files into its ${BRONZE}, or try: purchases run --samples. Nothing was created.`,
  });
}

async function holdsLake(folder: string): Promise<boolean> {
  const layers = await Promise.all([BRONZE, LEDGER].map((name) => facts(join(folder, name))));
  return layers.some((layer) => layer?.isDirectory() === true);
}

/** Lists the sibling folders of a path that are lakes. */
async function lakesBeside(path: string): Promise<string[]> {
  const folder = dirname(path);
  const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
  const paths = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name));
  const lakes = await Promise.all(paths.slice(0, 200).map(holdsLake));
  return paths.filter((_, at) => lakes[at] === true);
}

/** The file's status; undefined if it does not exist. Other errors are thrown. */
async function facts(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (
      error instanceof Error &&
      'code' in error &&
      ['ENOENT', 'ENOTDIR'].includes(String(error.code))
    )
      return undefined;
    throw error;
  }
}
