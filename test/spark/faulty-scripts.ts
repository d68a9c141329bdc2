import { appendFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A copy of the jobs' package in which the first attempt of every task fails after its last row,
 * while enabled.
 */
export type FaultyScripts = AsyncDisposable & {
  folder: string;
  log: string;
  failing(fail: boolean): Promise<void>;
};

const patch = (flag: string): string => `

_whole_chunks = chunks


def chunks(*given):
    import os

    from pyspark import TaskContext

    yield from _whole_chunks(*given)
    if os.path.exists("${flag}") and TaskContext.get().attemptNumber() == 0:
        raise RuntimeError("the first try fails")
`;

export async function faultyScripts(): Promise<FaultyScripts> {
  const folder = await mkdtemp(join(tmpdir(), 'spark-scripts-'));
  const flag = join(folder, 'fail');
  const jobs = fileURLToPath(new URL('../../glue/purchases_spark', import.meta.url));
  await cp(jobs, join(folder, 'purchases_spark'), { recursive: true });
  await appendFile(join(folder, 'purchases_spark', 'scan.py'), patch(flag));
  return {
    folder,
    log: folder,
    failing: (fail) => (fail ? writeFile(flag, '') : rm(flag, { force: true })),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
