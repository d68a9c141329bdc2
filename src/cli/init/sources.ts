import { rm, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';

import { applyPreset } from '../../config/detect/apply-preset.ts';
import { detectSource } from '../../config/detect/detect.ts';
import type { Answers, Search } from '../../config/detect/search.ts';
import type { Preset } from '../../config/presets/preset.ts';
import { presetOf, PRESETS } from '../../config/presets/presets.ts';
import type { SourceInput } from '../../config/shape/shape.ts';
import { didYouMean } from '../../config/shape/suggest.ts';
import { UsageError } from '../../errors.ts';
import { type Sample, sampleObject } from '../../lake/bronze/sample.ts';
import { isReadable } from '../../lake/bronze/scan.ts';
import { DEFAULTS } from '../../lake/settings.ts';
import { normaliseName } from '../../medallion/fields/column-names.ts';
import { temporaryFolder } from '../wiring/scratch.ts';

/** Files with the same header and format, which become one source. */
export type FileGroup = { paths: string[]; sample: Sample };

/** Samples every file. Errors: `UsageError`, naming the file and its fault. */
export async function sampleFiles(cwd: string, files: readonly string[]): Promise<FileGroup[]> {
  const scratch = await temporaryFolder('init');
  const groups = new Map<string, FileGroup>();
  try {
    for (const file of files) {
      const path = resolve(cwd, file);
      const sample = await sampleFile(path, file, scratch);
      const signature = JSON.stringify([
        sample.format,
        sample.encoding?.encoding,
        sample.header.map(normaliseName),
      ]);
      const group = groups.get(signature);
      if (group === undefined) groups.set(signature, { paths: [path], sample });
      else {
        group.paths.push(path);
        group.sample = joined(group.sample, sample);
      }
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return [...groups.values()];
}

async function sampleFile(path: string, file: string, scratch: string): Promise<Sample> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new UsageError(`The file ${file} cannot be read.`, {
      hint: 'Give the path of an export.',
      cause,
    });
  });
  if (!found.isFile())
    throw new UsageError(`${file} is not a file.`, { hint: 'Give the files in it.' });
  if (!isReadable(path))
    throw new UsageError(`${file} has an unsupported extension.`, {
      hint: 'Supported are .csv .tsv .txt .json .jsonl .ndjson, and .gz of these. Save a workbook as CSV.',
    });
  const sample = await sampleObject({
    path,
    key: basename(path),
    maxInflation: DEFAULTS.limits.maxInflation,
    scratch,
  });
  if ('header' in sample && sample.format.type === 'csv') refuseNoHeader(file, sample.header);
  if ('rows' in sample && 'header' in sample && sample.rows.length > 0) return sample;
  const why = 'message' in sample ? sample.message : 'It has no rows.';
  throw new UsageError(`${file}: ${why}`, { hint: 'Give a file with purchases.' });
}

/** A header has more than one column: otherwise the first line is a title or Excel's `sep=`. */
function refuseNoHeader(file: string, header: readonly string[]): void {
  const isSep = /^sep=/i.test(header[0] ?? '');
  if (header.length > 1 && !isSep) return;
  const line = isSep ? (header[0] ?? '').slice(0, 4) : (header[0] ?? '');
  throw new UsageError(
    `${file}: the first line (${JSON.stringify(line)}) is not a header with column names.`,
    { hint: 'Remove the lines before the header and try again.' },
  );
}

function joined(a: Sample, b: Sample): Sample {
  return {
    ...a,
    rows: [...a.rows, ...b.rows],
    files: [...a.files, ...b.files],
    total: a.total + b.total,
  };
}

/** The preset that is named or that the header fits, if any. Errors: `UsageError`. */
export function choosePreset(named: string | undefined, { sample }: FileGroup): Preset | undefined {
  if (named === undefined) return presetOf(sample.header);
  const preset = PRESETS.find(({ name }) => name === named);
  if (preset !== undefined) return preset;
  const names = PRESETS.map(({ name }) => name);
  throw new UsageError(`Unknown preset "${named}"${didYouMean(named, names) || '.'}`, {
    hint: `Presets are ${names.join(', ')}.`,
  });
}

export function look(group: FileGroup, preset: Preset | undefined, answers: Answers): Search {
  return preset === undefined
    ? detectSource(group.sample, answers)
    : applyPreset(preset, group.sample, answers);
}

/**
 * Adds a name and a match to each group's entry. Of several groups, each matches the files whose
 * names start like its own. Errors: `UsageError`.
 */
export function namedSources(
  groups: readonly FileGroup[],
  searches: readonly Search[],
  presets: readonly (Preset | undefined)[],
): SourceInput[] {
  const stems = groups.map(({ paths }) => stemOf(paths));
  const duplicate = stems.find((stem, at) => stems.indexOf(stem) !== at);
  if (duplicate !== undefined)
    throw new UsageError(
      `Files named ${duplicate}… have different columns, so that their names do not distinguish them.`,
      {
        hint: 'Run purchases init for each kind of file, and put each kind into its own folder below bronze/.',
      },
    );
  return searches.map(({ source }, at) => {
    const stem = stems[at] ?? 'purchases';
    const name = presets[at]?.name ?? stem;
    return { ...source, name, match: groups.length === 1 ? '**' : `**/${stem}*` };
  });
}

/** The common start of the file names, up to the digits that distinguish them. */
function stemOf(paths: readonly string[]): string {
  const [first = '', ...others] = paths.map((path) => basename(path).replace(/\.[^/]*$/, ''));
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length -= 1;
  const stem = first
    .slice(0, length)
    .replace(/[^\p{L}]*\d.*$/u, '')
    .replaceAll(/[*\\\u0000-\u001f]/g, '');
  return stem === '' ? 'purchases' : stem.slice(0, 80).trim();
}
