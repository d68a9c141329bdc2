import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Cloud } from '../servers/moto.ts';
import type { Raised } from './deploy-template.ts';
import type { RunJob } from './runtime.ts';

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const KEPT_LOG = 1500;

const SETTINGS = {
  'spark.ui.enabled': 'false',
  'spark.driver.memory': '1g',
  'spark.driver.host': '127.0.0.1',
  'spark.driver.bindAddress': '127.0.0.1',
  'spark.sql.shuffle.partitions': '4',
  // A job runs for half a minute here: optimised compilation would take longer.
  'spark.driver.extraJavaOptions': '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
};

export type SparkJobs = AsyncDisposable & {
  runJob: RunJob;
  /** The job of each run, and all of its output. */
  runs: { job: string; printed: string }[];
  /** Called with each run after it starts; the run may be killed then. */
  onStart: ((job: string, kill: () => void) => void) | undefined;
};

/**
 * The jobs of the template on a local Spark: the same scripts, library and arguments. This Spark
 * has no file system for S3, so its files go through a folder, by S3 calls of the scripts
 * themselves.
 */
export async function sparkJobs(
  { cloud, raised }: { cloud: Cloud; raised: Raised },
  folder: string,
): Promise<SparkJobs> {
  const running = new Set<ChildProcess>();
  const scratch = join(folder, 'scratch');
  const archive = join(folder, 'library.zip');
  await mkdir(scratch, { recursive: true });
  const [{ library = '' } = {}] = raised.jobs.values();
  const zip = ['-m', 'zipfile', '-c', archive, 'purchases_spark'];
  await promisify(execFile)(file('.venv/bin/python'), zip, { cwd: library });

  function start(job: string, given: Record<string, string>): ChildProcess {
    const found = raised.jobs.get(job);
    if (found === undefined) throw new Error(`there is no job ${job}`);
    const settings = Object.entries(SETTINGS).flatMap(([name, value]) => [
      '--conf',
      `${name}=${value}`,
    ]);
    const packages = ['--py-files', archive, '--jars', file('.venv/jars/postgresql-42.7.4.jar')];
    const args = Object.entries({
      '--JOB_NAME': job,
      ...found.args,
      ...given,
      '--scratch': scratch,
    });
    return spawn(
      file('.venv/bin/spark-submit'),
      ['--master', 'local[2]', ...settings, ...packages, found.script, ...args.flat()],
      {
        cwd: folder,
        env: {
          PATH: process.env['PATH'],
          PYSPARK_PYTHON: file('.venv/bin/python'),
          TZ: 'UTC',
          ...cloud.env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      },
    );
  }

  const jobs: SparkJobs = {
    runs: [],
    onStart: undefined,
    async runJob(job, given) {
      const child = start(job, given);
      running.add(child);
      const run = { job, printed: '' };
      jobs.runs.push(run);
      for (const stream of [child.stdout, child.stderr])
        stream?.setEncoding('utf8').on('data', (text: string) => (run.printed += text));
      jobs.onStart?.(job, () => kill(child));
      const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
      running.delete(child);
      if (code !== 0)
        throw new Error(`${job} ended with ${code ?? signal}: ${run.printed.slice(-KEPT_LOG)}`);
    },
    async [Symbol.asyncDispose]() {
      for (const child of running) kill(child);
    },
  };
  return jobs;
}

/** Spark is a shell, a JVM and Python workers: they are killed together. */
function kill({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}
