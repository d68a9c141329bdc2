import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine, SilverToGoldInput, Workspace } from '../../src/lake/ports/engine.ts';
import type { DataFile } from '../../src/lake/ledger/records.ts';

/**
 * The effect of one call of an engine: the files that it put into the lake, in order, and its
 * result.
 */
type Done = { puts: { key: string; bytes: Uint8Array }[]; answer: unknown };

/**
 * An engine that returns earlier results from memory, file by file: a result depends on its task
 * alone, and the same few tasks occur in thousands of lives. Names that differ from life to life
 * are listed by `names`.
 */
export function rememberingEngine(engine: Engine): Engine {
  const known = new Map<string, Done>();

  async function remembered<T>(
    workspace: Workspace,
    task: unknown,
    names: readonly string[],
    does: (workspace: Workspace) => Promise<T>,
  ): Promise<T> {
    const key = JSON.stringify(task, (_, value: unknown) => neutral(value, names));
    const done = known.get(key);
    if (done !== undefined) return replayed(workspace, done, names) as Promise<T>;
    const puts: Done['puts'] = [];
    const answer = await does({ ...workspace, store: recorded(workspace, puts, names) });
    known.set(key, { puts, answer: neutralised(answer, names) });
    return answer;
  }

  return {
    name: engine.name,
    bronzeToSilver: (workspace, task) =>
      remembered(
        workspace,
        ['bronzeToSilver', { ...task, rates: task.rates.digest }],
        [],
        (recording) => engine.bronzeToSilver(recording, task),
      ),
    objectsWithStaleRates: (workspace, files, rates) =>
      remembered(workspace, ['objectsWithStaleRates', files, rates.digest], [], (recording) =>
        engine.objectsWithStaleRates(recording, files, rates),
      ),
    silverToGold: (workspace, task) =>
      remembered(
        workspace,
        ['silverToGold', byContent(task)],
        // Part of the bytes' SHA-256 follows each of these in the names of the files.
        [
          task.goldPrefix.replace(/\/$/, ''),
          task.keys.file.replace(/\.parquet$/, ''),
          ...(task.before ? [task.before.changesPrefix] : []),
        ],
        (recording) => engine.silverToGold(recording, task),
      ),
    async goldToStaging(workspace, before, after) {
      const task = ['goldToStaging', before && contents(before), contents(after)];
      const path = join(workspace.scratch, 'load.csv');
      const { rows, text } = await remembered(workspace, task, [], async (recording) => {
        const staged = await engine.goldToStaging(recording, before, after);
        return { rows: staged.rows, text: await readFile(staged.path, 'utf8') };
      });
      await writeFile(path, text);
      return { path, rows };
    },
    close: () => engine.close(),
  };
}

const contents = (files: readonly DataFile[]): string[] => files.map(({ sha256 }) => sha256);

const byContent = ({ before, keys, ...task }: SilverToGoldInput): unknown => ({
  ...task,
  before: before && { ...before, gold: contents(before.gold) },
  keys: { ...keys, files: contents(keys.files) },
});

/** Placeholders for the first name that differs, the second, and so on. */
const place = (index: number): string => `<${index}>`;

const neutral = (value: unknown, names: readonly string[]): unknown =>
  typeof value === 'string'
    ? names.reduce((text, name, index) => text.replace(name, place(index)), value)
    : value;

const neutralised = (answer: unknown, names: readonly string[]): unknown =>
  JSON.parse(JSON.stringify(answer ?? null, (_, value: unknown) => neutral(value, names)));

const named = (text: string, names: readonly string[]): string =>
  names.reduce((all, name, index) => all.replaceAll(place(index), name), text);

function recorded(
  { store }: Workspace,
  puts: Done['puts'],
  names: readonly string[],
): Workspace['store'] {
  return {
    ...store,
    async create(key, content) {
      const bytes = 'file' in content ? await readFile(content.file) : content;
      puts.push({ key: String(neutral(key, names)), bytes });
      return store.create(key, content);
    },
  };
}

async function replayed(
  { store, scratch }: Workspace,
  { puts, answer }: Done,
  names: readonly string[],
): Promise<unknown> {
  for (const [index, { key, bytes }] of puts.entries()) {
    const file = join(scratch, `made-${index}.parquet`);
    await writeFile(file, bytes);
    await store.create(named(key, names), { file });
    await rm(file);
  }
  return JSON.parse(named(JSON.stringify(answer), names));
}
