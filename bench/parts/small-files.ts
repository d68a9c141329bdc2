import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Contender } from '../contenders.ts';
import type { Databases } from '../database.ts';
import { input, type Input, layOut } from '../input.ts';
import { inOwnPlace, oneRun, type Run, shown } from './work.ts';

const ROWS_EACH = 100;

/** The same rows in ten files, and in files of a hundred rows. */
export type SmallFiles = {
  rows: number;
  files: number;
  contests: { name: string; title: string; few: Run[]; many: Run[] }[];
};

export async function smallFiles(
  databases: Databases,
  chosen: readonly Contender[],
  { rows, runs }: { rows: number; runs: number },
  log: (line: string) => void,
): Promise<SmallFiles> {
  const few = await input(rows);
  const many = await cut(few);
  const contests = chosen.map(({ name, title }) => ({
    name,
    title,
    few: [] as Run[],
    many: [] as Run[],
  }));
  for (let turn = 0; turn < runs; turn += 1)
    for (const [index, contender] of chosen.entries())
      for (const [kind, files] of [
        ['few', few],
        ['many', many],
      ] as const) {
        const run = await inOwnPlace(databases, contender, `${kind}_${turn}`, async (task) => {
          await layOut(files, join(task.folder, 'bronze'));
          return oneRun(contender, task);
        });
        contests[index]?.[kind].push(run);
        log(`${contender.title}, ${files.files.length} files, run ${turn + 1}: ${shown(run)}`);
      }
  checkAnswers(contests);
  return { rows, files: many.files.length, contests };
}

/** Error: the same rows produced another table. */
function checkAnswers(contests: SmallFiles['contests']): void {
  for (const { title, few, many } of contests) {
    const digests = new Set([...few, ...many].map(({ digest }) => digest));
    if (digests.size > 1)
      throw new Error(`${title} produced ${digests.size} tables for the same rows.`);
  }
}

/** Cuts a set into files of a hundred rows, which arrive in the order of the rows. */
async function cut(whole: Input): Promise<Input> {
  const folder = `${whole.folder}-cut`;
  const files: string[] = [];
  const finished = join(folder, 'finished');
  const done = await stat(finished).then(
    () => true,
    () => false,
  );
  for (const file of whole.files) {
    const [header = '', ...lines] = (await readFile(join(whole.folder, file), 'utf8'))
      .trimEnd()
      .split('\n');
    for (let from = 0; from < lines.length; from += ROWS_EACH) {
      const part = String(from / ROWS_EACH).padStart(6, '0');
      const piece = file.replace(/\.csv$/, `/part-${part}.csv`);
      files.push(piece);
      if (done) continue;
      await mkdir(dirname(join(folder, piece)), { recursive: true });
      const rows = [header, ...lines.slice(from, from + ROWS_EACH), ''].join('\n');
      await writeFile(join(folder, piece), rows);
    }
  }
  await writeFile(finished, '');
  return { ...whole, folder, files };
}
