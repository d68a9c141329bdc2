import { join, resolve } from 'node:path';

import { UsageError } from '../../errors.ts';
import type { Engine } from '../../lake/ports/engine.ts';
import { isS3 } from '../../config/locations.ts';
import type { Config } from '../../config/config.ts';
import type { Io } from '../terminal/io.ts';
import { MEMORY_LIMIT, packageFolder } from './wiring.ts';

export type EngineFlags = {
  engine: 'duckdb' | 'spark';
  master?: string;
  python?: string;
  profiles?: string;
};

/**
 * The engine that the flags select; undefined for DuckDB without profiles. Errors: `UsageError`.
 */
export async function chosenEngine(
  io: Io,
  { lake }: Config,
  flags: EngineFlags,
): Promise<Engine | undefined> {
  if (flags.engine === 'duckdb') return profiled(io, flags.profiles);
  if (flags.profiles !== undefined)
    throw new UsageError('--profiles works only with --engine duckdb.', {
      hint: 'Remove one of the two flags.',
    });
  if (isS3(lake))
    throw new UsageError(
      '--engine spark reads only a lake in a folder. For a lake in S3 there are the Glue jobs.',
      {
        hint: 'See docs/spark.md for Spark over S3, or run with --engine duckdb.',
      },
    );
  const { sparkEngine } = await import('../../engines/spark/engine.ts');
  return sparkEngine({
    scripts: join(packageFolder(), 'glue'),
    python: pythonIn(io.cwd, flags.python ?? io.env['PURCHASES_PYTHON'] ?? 'python3'),
    master: flags.master ?? 'local[*]',
    settings: { 'spark.driver.memory': '2g' },
  });
}

async function profiled(io: Io, folder: string | undefined): Promise<Engine | undefined> {
  if (folder === undefined) return undefined;
  const { duckdbEngine } = await import('../../engines/duckdb/engine.ts');
  return duckdbEngine({ memoryLimit: MEMORY_LIMIT, profiles: resolve(io.cwd, folder) });
}

/** A bare command is found on the PATH; a path is relative to the working folder. */
const pythonIn = (cwd: string, python: string): string =>
  /[/\\]/.test(python) ? resolve(cwd, python) : python;
