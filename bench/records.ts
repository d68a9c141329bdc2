import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Growth } from './parts/growth.ts';
import type { Machine } from './machine.ts';
import type { Profile } from './parts/profile.ts';
import type { Serving } from './serving/results.ts';
import type { SmallFiles } from './parts/small-files.ts';
import type { StartUp } from './parts/start-up.ts';
import type { Contest } from './parts/work.ts';

/** The measurements of one part of one benchmark run, with date and machine. */
type Record<Part extends string, Figures> = {
  part: Part;
  measured: string;
  machine: Machine;
  figures: Figures;
};
export type Work = {
  rows: number;
  files: number;
  bytes: number;
  runs: number;
  contests: Contest[];
};
export type WorkRecord = Record<'work', Work>;
export type ProfileRecord = Record<'profile', Profile>;
export type StartUpRecord = Record<'start-up', StartUp>;
export type SmallFilesRecord = Record<'small-files', SmallFiles>;
export type GrowthRecord = Record<'growth', Growth>;
export type ServingRecord = Record<'serving', Serving>;
export type AnyRecord =
  | WorkRecord
  | ProfileRecord
  | StartUpRecord
  | SmallFilesRecord
  | GrowthRecord
  | ServingRecord;

export const today = (): string => new Date().toISOString().slice(0, 10);

export const DOCS = fileURLToPath(new URL('../docs/', import.meta.url));
export const CHARTS = join(DOCS, 'bench');

/** Comparisons and profiles are kept once per size; the other parts have one record. */
export const nameOf = (record: AnyRecord): string =>
  record.part === 'work' || record.part === 'profile'
    ? `${record.part}-${record.figures.rows}`
    : record.part;

export async function save(record: AnyRecord): Promise<void> {
  await mkdir(CHARTS, { recursive: true });
  const rounded = JSON.stringify(record, (_, value: unknown) => tidy(value), 2);
  await writeFile(join(CHARTS, `${nameOf(record)}.json`), `${rounded}\n`);
}

const tidy = (value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value)
    ? Math.round(value * 10_000) / 10_000
    : value;

/** All saved records in the order of the page: comparisons first, smallest first. */
export async function saved(): Promise<AnyRecord[]> {
  const names = (await readdir(CHARTS).catch(() => [])).filter((name) =>
    /^(work-\d+|profile-\d+|start-up|small-files|growth|serving)\.json$/.test(name),
  );
  const texts = await Promise.all(names.map((name) => readFile(join(CHARTS, name), 'utf8')));
  const records = texts.map((text) => JSON.parse(text) as AnyRecord);
  const order = ['work', 'profile', 'start-up', 'small-files', 'growth', 'serving'];
  const place = (record: AnyRecord): number => order.indexOf(record.part);
  const size = (record: AnyRecord): number =>
    record.part === 'work' || record.part === 'profile' ? record.figures.rows : 0;
  return records.toSorted((a, b) => place(a) - place(b) || size(a) - size(b));
}
