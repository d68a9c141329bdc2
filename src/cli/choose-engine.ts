import { join, resolve } from 'node:path';

import { UsageError } from '../errors.ts';
import type { Engine } from '../lake/ports/engine.ts';
import { isS3 } from '../config/places.ts';
import type { Config } from '../config/config.ts';
import type { Io } from './io.ts';
import { packageFolder } from './wiring.ts';

export type EngineFlags = { engine: 'duckdb' | 'spark'; master?: string; python?: string };

/** The engine that the flags ask for; undefined is DuckDB, which every run has. Errors: `UsageError`. */
export async function chosenEngine(
  io: Io,
  { lake }: Config,
  flags: EngineFlags,
): Promise<Engine | undefined> {
  if (flags.engine === 'duckdb') return undefined;
  if (isS3(lake))
    throw new UsageError(
      '--engine spark reads a lake in a folder; a lake in S3 is the Glue jobs’.',
      {
        hint: 'See docs/spark.md for Spark over S3, or run with --engine duckdb.',
      },
    );
  const { sparkEngine } = await import('../engines/spark/engine.ts');
  return sparkEngine({
    scripts: join(packageFolder(), 'glue'),
    python: pythonIn(io.cwd, flags.python ?? io.env['PURCHASES_PYTHON'] ?? 'python3'),
    master: flags.master ?? 'local[*]',
    settings: { 'spark.driver.memory': '2g' },
  });
}

/** A command is looked for on the PATH; a path starts where the command was given. */
const pythonIn = (cwd: string, python: string): string =>
  /[/\\]/.test(python) ? resolve(cwd, python) : python;
