import { readdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

import type { Answers, Question, Search } from '../../config/detect/search.ts';
import { writeYaml } from '../../config/detect/write-yaml.ts';
import type { Preset } from '../../config/presets/preset.ts';
import { readZone } from '../../config/shape/zone.ts';
import { UsageError } from '../../errors.ts';
import { zonedDate } from '../../medallion/sql/zoned-date.ts';
import { type AnswerFlags, readAnswers } from './answers.ts';
import { nextText, openQuestions, trialText } from './print.ts';
import { type Prompt, withAnswer } from './prompt.ts';
import { choosePreset, type FileGroup, look, namedSources, sampleFiles } from './sources.ts';
import { dayFolder, tryOut } from './trial.ts';
import type { Io } from '../terminal/io.ts';
import { counted } from '../terminal/table.ts';
import { packageFolder } from '../wiring/wiring.ts';

export type InitFlags = AnswerFlags & {
  preset?: string;
  lake: string;
  timeZone: string;
  force?: boolean;
  dryRun?: boolean;
  json?: boolean;
};

const FILE = 'purchases.config.yaml';

/**
 * Looks at exports, writes a configuration for them and reports what a run would do with them.
 * Errors: `UsageError` with all open questions.
 */
export async function initConfig(
  io: Io,
  files: readonly string[],
  flags: InitFlags,
  { now, signal, prompt }: { now: Date; signal: AbortSignal; prompt: Prompt | undefined },
): Promise<void> {
  if (flags.dryRun !== true) await refuseOverwrite(io.cwd, flags.force === true);
  checkZone(flags.timeZone);
  const answers = readAnswers(flags);
  const groups = await sampleFiles(io.cwd, files);
  const presets = groups.map((group) => choosePreset(flags.preset, group));
  const searches = await settle(files, groups, presets, answers, prompt);
  const sources = namedSources(groups, searches, presets);
  const yaml = writeYaml({
    schema: schemaPath(io.cwd),
    lake: flags.lake,
    timeZone: flags.timeZone,
    sources: searches.map((search, at) => ({
      search,
      source: sources[at] ?? { name: '', match: '**' },
    })),
    files: [...files],
  });
  const folder = dayFolder(zonedDate(flags.timeZone, Math.floor(now.getTime() / 1000)));
  const paths = groups.flatMap((group) => group.paths);
  const total = groups.reduce((sum, { sample }) => sum + sample.total, 0);
  io.stderr.write(`Trying the rules on ${counted(total, 'row')} …\n`);
  const trial = await tryOut(yaml, paths, folder, now, signal);
  const written = flags.dryRun === true ? null : resolve(io.cwd, FILE);
  if (written !== null) await writeFile(written, yaml, { flag: flags.force === true ? 'w' : 'wx' });
  if (flags.json === true) {
    io.stdout.write(`${JSON.stringify({ written, config: yaml, sources, trial })}\n`);
    return;
  }
  if (written === null) io.stdout.write(yaml);
  else io.stderr.write(`${summary(searches)}Wrote ${FILE}, with the evidence for each mapping.\n`);
  io.stderr.write(`\n${trialText(io, trial)}\n\n${nextText(io, flags.lake, folder, files)}\n`);
}

/** Asks the open questions one by one. Without a terminal, all of them are one error. */
async function settle(
  files: readonly string[],
  groups: readonly FileGroup[],
  presets: readonly (Preset | undefined)[],
  given: Answers,
  prompt: Prompt | undefined,
): Promise<Search[]> {
  let answers = given;
  for (;;) {
    const searches = groups.map((group, at) => look(group, presets[at], answers));
    const open = distinct(searches.flatMap(({ questions }) => questions));
    const [question] = open;
    if (question === undefined) return searches;
    const typed = await prompt?.(question);
    if (typed === undefined) throw openQuestions(files, open);
    answers = withAnswer(answers, question, typed);
  }
}

const distinct = (questions: readonly Question[]): Question[] => [
  ...new Map(questions.map((question) => [question.flag + question.asks, question])).values(),
];

/** Repeats the remarks of the written file, since some of them mean that rows are rejected. */
function summary(searches: readonly Search[]): string {
  const lines = searches.flatMap(({ remarks }) =>
    remarks.filter((remark) => !remark.startsWith('Not read')),
  );
  return lines.map((line) => `${line}\n`).join('');
}

async function refuseOverwrite(cwd: string, force: boolean): Promise<void> {
  const found = (await readdir(cwd)).filter((name) =>
    /^purchases\.config\.(?:ts|js|json|yaml)$/.test(name),
  );
  const other = found.find((name) => name !== FILE);
  if (other !== undefined)
    throw new UsageError(`This folder already has a configuration: ${other}.`, {
      hint: `A folder can have only one: rename ${other}, use another folder, or only preview with --dry-run.`,
    });
  if (found.length > 0 && !force)
    throw new UsageError(`${FILE} already exists.`, {
      hint: 'Overwrite it with --force, or only preview with --dry-run.',
    });
}

function checkZone(zone: string): void {
  try {
    readZone(zone);
  } catch (error) {
    throw new UsageError(`--time-zone ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The path of the installed package's schema relative to the folder, or of this package's. */
function schemaPath(cwd: string): string {
  const installed = join('node_modules', 'customer-purchases-pipeline', 'purchases.schema.json');
  if (existsSync(join(cwd, installed))) return `../${installed.replaceAll('\\', '/')}`;
  const own = join(packageFolder(), 'purchases.schema.json');
  const path = relative(cwd, own);
  return path.startsWith('..') ? own : `../${path}`;
}
