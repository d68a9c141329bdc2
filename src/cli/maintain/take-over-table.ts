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
  /** The origin that the table names. */
  table: { lake: string | null; seq: number | null; rows: number };
  customers: number;
  differing: number;
  findings: RowFinding[];
  totals: TotalsReport;
  /** What was changed; null if nothing was. */
  changed: UpsertResult | null;
  /** True if the table now belongs to this lake and equals gold. */
  done: boolean;
  /** Columns of the indexes that were rebuilt. */
  indexes: string[];
  /** The new place of the folder of a damaged embedded database. */
  set_aside: string | null;
};

/** What the user confirmed in advance. */
export type Agreement = {
  yes: boolean;
  /** The lake whose table may be replaced by this lake's. */
  takeOver: string | undefined;
};

export type RepairOptions = Agreement & { limit: number };

/**
 * Makes the serving table equal to gold again. A damaged embedded database is set aside and rebuilt
 * after confirmation. Errors: `WarehouseForeign` if the table belongs to another lake that was not
 * named, `WarehouseDamaged`, `WarehouseSchema`.
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
    if (!(options.yes || (await agreesToRebuild(io, error)))) throw unconfirmed(error);
    const { folder } = warehouse;
    return repair(io, config, options, async () => {
      const { setAside } = await import('../../warehouses/pglite/pglite.ts');
      return setAside({ folder, lock: databaseLock(commandLine(io)) }, new Date());
    });
  }
}

const unconfirmed = (error: WarehouseDamaged): WarehouseDamaged =>
  new WarehouseDamaged(error.message, {
    hint: 'Nothing was changed. To set its folder aside (nothing is deleted) and build a new one from gold: purchases repair --yes',
    cause: error,
  });

async function agreesToRebuild(io: Io, error: WarehouseDamaged): Promise<boolean> {
  using stop = stopOnSignals(io);
  io.stderr.write(
    `${error.message}\nIts folder can be set aside, renamed with .damaged- at its end, and a new database built from gold.\n`,
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
 * The lake whose table may be replaced, named by the flag or typed at the terminal. Undefined if
 * the table belongs to this lake. Error: `WarehouseForeign`.
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
      `The serving table in ${warehouse.name} does not belong to lake ${named}: ${lake === undefined ? 'it names no lake' : `it belongs to lake ${lake}`}.`,
      { hint: 'The table was not changed. Give the lake that the table itself names.' },
    );
  if (lake !== undefined && io.stderr.isTTY === true) {
    io.stderr.write(
      `The serving table in ${warehouse.name} belongs to lake ${lake}, seq ${sync?.seq}, with ${rows} rows. This lake is ${ledger.lake}, seq ${ledger.seq}. Its rows would replace those of the table.\n`,
    );
    if (await confirmed(io, lake, signal)) return lake;
  }
  return mustBeOwn(warehouse, origin, ledger, sync) as undefined;
}

export type AdoptOptions = Agreement & {
  limit: number;
  /** Reports what differs, before anything is changed. */
  report(outcome: TableOutcome): void;
};

/**
 * Takes over a table once the user has confirmed: by `--yes` or a typed word if the table names no
 * lake, like that of another pipeline; otherwise by naming its lake. Error: `WarehouseForeign`.
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
      // Without a confirmation the command only reports, as for any other table.
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
