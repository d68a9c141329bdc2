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

/** What the steps stand on: the ports, and whatever else would make them impure. */
export type StepDeps = {
  store: Store;
  engine: Engine;
  /** Keeps who was erased away from objects that come again. */
  personSearch?: PersonSearch;
  /** Opens the serving database on first use, migrated; the same one ever after. */
  warehouse(): Promise<Warehouse>;
  /**
   * The catalog that readers of the lake go by; none on a laptop, whose views are made from the
   * ledger itself.
   */
  catalog?: Catalog;
  settings: LakeSettings;
  rates: RatesPlaces;
  /** A local folder for files of a step; each run and step has its own below it. */
  scratch: string;
  /** More bytes than this are a cluster's work (Glue in AWS). */
  clusterBytes: number;
  /**
   * Where such work is done by jobs of a cluster; absent, their states run the steps in this
   * process.
   */
  cluster?: Cluster;
  /** Every object is read again, changed or not: a rebuild. */
  remakeAll?: boolean;
  /** Keys of objects that are read again though they did not change. */
  remake?: ReadonlySet<string>;
  /** Which customer keys get other integers, in a rebuild that was asked to. */
  renumberKeys?: Renumber;
  /** A new name for an attempt. */
  newId(): string;
  now(): Date;
};

/** Runs a step's work with a scratch folder of its own, which is gone afterwards. */
export async function atWork<T>(
  deps: StepDeps,
  state: RunState,
  context: StepContext,
  work: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  const scratch = join(deps.scratch, state.run_id, `${context.stateName}-${deps.newId()}`);
  // Below /tmp where the lake is remote: rows of it are nobody else's to read.
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
