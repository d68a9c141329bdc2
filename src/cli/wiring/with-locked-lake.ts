import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { Config } from '../../config/config.ts';
import { isS3 } from '../../config/locations.ts';
import type { CustomerIndex } from '../../lake/ports/customer-index.ts';
import type { Diff } from '../../lake/ports/diff.ts';
import type { Workspace } from '../../lake/ports/engine.ts';
import type { StepDeps } from '../../state-machine/steps/deps.ts';
import { commandLine } from '../terminal/command-line.ts';
import { holdLake } from './lock.ts';
import type { Io } from '../terminal/io.ts';
import { temporaryFolder } from './scratch.ts';
import { stopOnSignals } from '../terminal/signals.ts';
import { MEMORY_LIMIT, wire } from './wiring.ts';

/** A lake that is locked for this process, with the dependencies of commands on it. */
export type HeldLake = {
  deps: StepDeps;
  diff: Diff;
  customerIndex: CustomerIndex;
  workspace: Workspace;
};

/**
 * Does the work while the lake is locked for this process, then closes what was opened. Ctrl-C
 * stops it. With `reading`, the lake may be read-only.
 */
export async function holdingLake<T>(
  io: Io,
  config: Config,
  work: (lake: HeldLake) => Promise<T>,
  { reading = false } = {},
): Promise<T> {
  const { isWritable } = await import('../../stores/filesystem/lock.ts');
  const { duckdbCustomerIndex } = await import('../../engines/duckdb/read/customer-index.ts');
  const { duckdbDiff } = await import('../../engines/duckdb/read/diff.ts');
  const now = (): Date => new Date();
  using stop = stopOnSignals(io);
  const command = commandLine(io);
  await using _lock = await holdLake(config, { command, now: now(), reading });
  const isReadOnly = reading && !isS3(config.lake) && !(await isWritable(config.lake));
  const scratchOption = isReadOnly ? { scratch: await temporaryFolder('reading') } : {};
  await using wiring = await wire(config, now, { ...scratchOption, command, reading });
  const { deps } = wiring;
  // Files of a killed command. The lock guarantees that no other command uses them.
  await rm(deps.scratch, { recursive: true, force: true });
  const scratch = join(deps.scratch, deps.newId());
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  return await work({
    deps,
    diff: duckdbDiff({ memoryLimit: MEMORY_LIMIT }),
    customerIndex: duckdbCustomerIndex({ memoryLimit: MEMORY_LIMIT }),
    workspace: { store: deps.store, scratch, signal: stop.signal, onProgress: () => {} },
  });
}
