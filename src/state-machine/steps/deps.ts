import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { Catalog } from '../../lake/ports/catalog.ts';
import type { Engine, Renumber, Workspace } from '../../lake/ports/engine.ts';
import type { PersonSearch } from '../../lake/ports/person-search.ts';
import type { Store } from '../../lake/ports/store.ts';
import type { Warehouse } from '../../lake/ports/warehouse.ts';
import type { RatesPlaces } from '../../lake/run/rates.ts';
import type { LakeSettings } from '../../lake/settings.ts';
import type { RunState, StepContext } from '../run-state.ts';
import type { Cluster } from './job-task.ts';

/** The dependencies of the steps: the ports, and everything else that would make them impure. */
export type StepDeps = {
  store: Store;
  engine: Engine;
  /** Finds erased persons in objects that come again. */
  personSearch?: PersonSearch;
  /** Opens and migrates the serving database on first use; later calls return the same one. */
  warehouse(): Promise<Warehouse>;
  /**
   * The catalog that readers of the lake use; absent on a laptop, whose views are built from the
   * ledger.
   */
  catalog?: Catalog;
  settings: LakeSettings;
  rates: RatesPlaces;
  /** A local folder for a step's files; each run and step has its own subfolder. */
  scratch: string;
  /** A run that reads more bytes than this uses the cluster (Glue in AWS). */
  clusterBytes: number;
  /**
   * Where a cluster runs such work as jobs; if absent, their states run the steps in this process.
   */
  cluster?: Cluster;
  /** Reads every object again, changed or not: a rebuild. */
  remakeAll?: boolean;
  /** Keys of unchanged objects to read again. */
  remake?: ReadonlySet<string>;
  /** The customer keys that get other integers, in a rebuild that requests it. */
  renumberKeys?: Renumber;
  /** Creates a name for an attempt. */
  newId(): string;
  now(): Date;
};

/** Runs a step's work with its own scratch folder, which is removed afterwards. */
export async function atWork<T>(
  deps: StepDeps,
  state: RunState,
  context: StepContext,
  work: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  const scratch = join(deps.scratch, state.run_id, `${context.stateName}-${deps.newId()}`);
  // Below /tmp if the lake is remote: other users must not read its rows.
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  let rows = 0;
  let bytes = 0;
  try {
    return await work({
      store: deps.store,
      scratch,
      signal: context.signal,
      onProgress(done) {
        rows += done.rows;
        bytes += done.bytes;
        context.emit?.({ rows, bytes });
      },
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
