import type { Config } from '../../config/config.ts';
import { WarehouseDamaged, WarehouseForeign, WarehouseSchema } from '../../errors.ts';
import type { UpsertResult } from '../../lake/ports/warehouse.ts';
import type { RowFinding, TotalsReport } from '../../lake/ports/diff.ts';
import { mustBeOwn } from '../../lake/audit/table-origin.ts';
import { auditTable, takeOver, type TableAudit } from '../../lake/audit/take-over.ts';
import { upToCommit } from '../../state-machine/up-to-commit.ts';
import { commandLine } from '../terminal/command-line.ts';
import { confirmed } from '../terminal/confirm.ts';
import { holdingLake } from '../wiring/with-locked-lake.ts';
import type { Io } from '../terminal/io.ts';
import { stopOnSignals } from '../terminal/signals.ts';
import { databaseLock, newRunId } from '../wiring/wiring.ts';

export type TableOutcome = {
  seq: number;
  /** Where the table said it came from. */
  table: { lake: string | null; seq: number | null; rows: number };
  customers: number;
  differing: number;
  findings: RowFinding[];
  totals: TotalsReport;
  /** What was changed; null where nothing was, be it that nothing had to be. */
  changed: UpsertResult | null;
  /** Whether the table is the lake's, and gold's equal, now. */
  done: boolean;
  /** Indexes that were built again, by their column. */
  indexes: string[];
  /** Where the folder of a damaged embedded database is now. */
  set_aside: string | null;
};

/** What a person agreed to beforehand. */
export type Agreement = {
  yes: boolean;
  /** The lake whose table may be replaced by this lake's. */
  takeOver: string | undefined;
};

export type RepairOptions = Agreement & { limit: number };

/**
 * Makes the serving table equal to gold again; an embedded database that is damaged is set aside
 * and made anew, once that is agreed. Errors: `WarehouseForeign` where the table is not this lake's
 * and nobody named its lake, `WarehouseDamaged`, `WarehouseSchema`.
 */
export async function repairTable(
  io: Io,
  config: Config,
  options: RepairOptions,
): Promise<TableOutcome> {
  try {
    return await repair(io, config, options);
  } catch (error) {
    if (error instanceof WarehouseSchema)
      throw new WarehouseSchema(
        `The serving table cannot be repaired as it is. ${error.message}`,
        error.hint === undefined ? { cause: error } : { hint: error.hint, cause: error },
      );
    const { warehouse } = config;
    if (!(error instanceof WarehouseDamaged) || warehouse.kind !== 'pglite') throw error;
    if (!(options.yes || (await agreesToRebuild(io, error)))) throw unanswered(error);
    const { folder } = warehouse;
    return repair(io, config, options, async () => {
      const { setAside } = await import('../../warehouses/pglite/pglite.ts');
      return setAside({ folder, lock: databaseLock(commandLine(io)) }, new Date());
    });
  }
}

const unanswered = (error: WarehouseDamaged): WarehouseDamaged =>
  new WarehouseDamaged(error.message, {
    hint: 'Nothing was changed. To set its folder aside (nothing is deleted) and build a new one from gold: purchases repair --yes',
    cause: error,
  });

async function agreesToRebuild(io: Io, error: WarehouseDamaged): Promise<boolean> {
  using stop = stopOnSignals(io);
  io.stderr.write(
    `${error.message}\nIts folder can be set aside, under a name with .damaged- at its end, and a new database made from gold.\n`,
  );
  return await confirmed(io, 'rebuild', stop.signal);
}

const repair = (
  io: Io,
  config: Config,
  options: RepairOptions,
  prepare: () => Promise<string | null> = async () => null,
): Promise<TableOutcome> =>
  holdingLake(io, config, async ({ deps, diff, workspace }) => {
    const aside = await prepare();
    const lake = { ...deps, diff, workspace };
    const audit = await auditTable(lake, options.limit);
    const agreed = await agreement(io, audit, options, workspace.signal);
    const result = audit.behind ? await takeOver(lake, audit, agreed) : null;
    return { ...outcome(audit, result), set_aside: aside };
  });

/**
 * The lake whose table may be replaced, as somebody named it: by the flag, or typed at the
 * terminal. Undefined where the table is this lake's own. Error: `WarehouseForeign`.
 */
async function agreement(
  io: Io,
  { ledger, origin, ours, rows, sync, warehouse }: TableAudit,
  { takeOver: named }: Agreement,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (ours) return undefined;
  const lake = sync?.lake;
  if (lake !== undefined && named === lake) return lake;
  if (named !== undefined)
    throw new WarehouseForeign(
      `The serving table in ${warehouse.name} is not of lake ${named}: ${lake === undefined ? 'it names no lake' : `it belongs to lake ${lake}`}.`,
      { hint: 'The table was not touched. Name the lake that the table itself names.' },
    );
  if (lake !== undefined && io.stderr.isTTY === true) {
    io.stderr.write(
      `The serving table in ${warehouse.name} is of lake ${lake}, seq ${sync?.seq}, with ${rows} rows; this lake is ${ledger.lake}, seq ${ledger.seq}. Its rows would be replaced by this lake's.\n`,
    );
    if (await confirmed(io, lake, signal)) return lake;
  }
  return mustBeOwn(warehouse, origin, ledger, sync) as undefined;
}

export type AdoptOptions = Agreement & {
  limit: number;
  /** Shows what differs, before anything is changed. */
  report(outcome: TableOutcome): void;
};

/**
 * Takes over a table, once whoever reads the report has agreed: by `--yes` or a typed word where
 * the table names no lake, as another pipeline's does not; else by naming its lake. Error:
 * `WarehouseForeign`.
 */
export const adoptTable = (io: Io, config: Config, options: AdoptOptions): Promise<TableOutcome> =>
  holdingLake(io, config, async ({ deps, diff, workspace }) => {
    const { report, limit } = options;
    await upToCommit(deps, newRunId(deps.now()), workspace.signal);
    const lake = { ...deps, diff, workspace };
    const audit = await auditTable(lake, limit);
    const before = outcome(audit, null);
    report(before);
    if (before.done) return before;
    if (!audit.ours && audit.origin.kind !== 'unrecorded') {
      // Without a word from anybody the report is the answer, as for any other table.
      if (!options.yes && options.takeOver === undefined && io.stderr.isTTY !== true) return before;
      const agreed = await agreement(io, audit, options, workspace.signal);
      return outcome(audit, await takeOver(lake, audit, agreed));
    }
    if (!(options.yes || (await confirmed(io, 'adopt', workspace.signal)))) return before;
    return outcome(audit, await takeOver(lake, audit, audit.ours ? undefined : null));
  });

function outcome(audit: TableAudit, result: UpsertResult | null): TableOutcome {
  const { ledger, sync, rows, cells, totals, behind } = audit;
  return {
    seq: ledger.seq,
    table: { lake: sync?.lake ?? null, seq: sync?.seq ?? null, rows },
    customers: cells.rows,
    differing: cells.differing,
    findings: cells.findings,
    totals,
    changed: result,
    done: result !== null || !behind,
    indexes: audit.indexes.map(({ column }) => column),
    set_aside: null,
  };
}
