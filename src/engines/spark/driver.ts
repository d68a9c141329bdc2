import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import * as errors from '../../errors.ts';

export type SparkOptions = {
  /** The folder with the Python package that the Glue jobs use. */
  scripts: string;
  /** A Python in which pyspark 3.5 can be imported. */
  python: string;
  /** Where Spark runs: `local[2]`, `spark://…`, `yarn`. */
  master: string;
  /** Further settings of Spark, such as spark.driver.memory. */
  settings?: Readonly<Record<string, string>>;
};

/**
 * A Spark driver process that runs one task after another, so that one start of a JVM is enough for
 * all.
 */
export type Driver = {
  call<Result>(
    call: string,
    task: unknown,
    work: { scratch: string; signal: AbortSignal },
  ): Promise<Result>;
  close(): Promise<void>;
};

type Answer = {
  ready?: string;
  result?: unknown;
  error?: { name: string; message: string; hint: string | null };
};

/** Characters of the output of Python and Spark that are kept for the message of a failure. */
const KEPT_LOG = 4_000;
const STARTS_WITHIN = 120_000;

/** Starts the driver. Errors: `EngineUnavailable` where Python, pyspark or Java is missing. */
export async function startDriver(options: SparkOptions): Promise<Driver> {
  const { child, log } = launch(options);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<never>((_, reject) => {
    const fail = (cause?: unknown): void => reject(unavailable(options, log(), cause));
    child.once('error', fail);
    child.once('close', () => fail());
  });
  ended.catch(() => undefined);
  const answer = async (within?: number): Promise<Answer> => {
    const line = await Promise.race([
      lines.next(),
      ended,
      ...(within === undefined ? [] : [late(within, options, log)]),
    ]);
    if (line.done === true) return ended;
    return JSON.parse(line.value) as Answer;
  };
  await answer(STARTS_WITHIN);
  let turn: Promise<unknown> = Promise.resolve();
  let tasks = 0;
  return {
    call(call, task, { scratch, signal }) {
      const mine = turn.then(async () => {
        signal.throwIfAborted();
        const path = join(scratch, `task-${++tasks}.json`);
        await writeFile(path, JSON.stringify(task));
        child.stdin.write(`${JSON.stringify({ call, task: path })}\n`);
        // Spark has no way to stop between two lines: the process is ended, and the next call
        // starts another.
        const stop = (): void => void child.kill('SIGKILL');
        signal.addEventListener('abort', stop);
        try {
          return resultOf(await answer());
        } catch (error) {
          if (signal.aborted) throw errors.stopReason(signal, error);
          throw error;
        } finally {
          signal.removeEventListener('abort', stop);
        }
      });
      turn = mine.catch(() => undefined);
      return mine as Promise<never>;
    },
    async close() {
      const closed = new Promise((resolve) => void child.once('close', resolve));
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.stdin.end();
      await closed;
    },
  };
}

function launch({ scripts, python, master, settings }: SparkOptions): {
  child: ChildProcessByStdio<Writable, Readable, Readable>;
  log(): string;
} {
  const all = {
    'spark.master': master,
    'spark.ui.enabled': 'false',
    'spark.ui.showConsoleProgress': 'false',
    'spark.pyspark.python': python,
    'spark.pyspark.driver.python': python,
    ...settings,
  };
  const child = spawn(python, ['-X', 'utf8', '-m', 'purchases_spark.serve', JSON.stringify(all)], {
    cwd: scripts,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let kept = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => (kept = (kept + text).slice(-KEPT_LOG)));
  child.stdin.on('error', () => undefined);
  return { child, log: () => kept };
}

const late = (within: number, options: SparkOptions, log: () => string): Promise<never> =>
  new Promise((_, reject) => {
    setTimeout(() => reject(unavailable(options, log())), within).unref();
  });

function unavailable({ python }: SparkOptions, log: string, cause?: unknown): Error {
  const lastLines = log.trim().split('\n').slice(-6).join('\n');
  const message = `Spark does not run with ${python}${lastLines === '' ? '.' : `:\n${lastLines}`}`;
  return new errors.EngineUnavailable(message, {
    hint: 'It takes Java 17 and Python 3.10 to 3.12 with pyspark 3.5: pip install pyspark==3.5.4, then name that Python by --python or PURCHASES_PYTHON.',
    ...(cause === undefined ? {} : { cause }),
  });
}

const NAMED = [
  errors.BronzeChanged,
  errors.ConservationViolated,
  errors.TotalOutOfRange,
  errors.CustomerIdsCollide,
  errors.CustomerIdsExhausted,
];

function resultOf({ result, error }: Answer): unknown {
  if (error === undefined) return result;
  const Named = NAMED.find(({ name }) => name === error.name);
  if (Named === undefined) throw new Error(`Spark failed: ${error.message}`);
  throw new Named(error.message, error.hint === null ? {} : { hint: error.hint });
}
