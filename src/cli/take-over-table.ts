import type { Config } from '../config/config.ts';
import { WarehouseForeign } from '../errors.ts';
import type { UpsertResult } from '../lake/ports/warehouse.ts';
import type { RowFinding, TotalsReport } from '../lake/ports/comparer.ts';
import { auditTable, takeOver, type TableAudit } from '../lake/take-over.ts';
import { upToCommit } from '../state-machine/up-to-commit.ts';
import { confirmed } from './confirm.ts';
import { holdingLake } from './held-lake.ts';
import type { Io } from './io.ts';
import { newRunId } from './wiring.ts';

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
};

/** Makes the serving table of this lake equal to gold again. Errors: `WarehouseForeign` where it is not this lake's. */
export const repairTable = (io: Io, config: Config, limit: number): Promise<TableOutcome> =>
  holdingLake(io, config, async ({ deps, comparer, work }) => {
    const lake = { ...deps, comparer, work };
    const audit = await auditTable(lake, limit);
    if (!audit.ours)
      throw new WarehouseForeign(
        `The serving table in ${audit.warehouse.name} is not this lake's: ${origin(audit)}.`,
        { hint: 'Nothing was touched. See what would change, and take it over: purchases adopt.' },
      );
    return outcome(audit, audit.behind ? await takeOver(lake, audit) : null);
  });

export type AdoptOptions = {
  limit: number;
  yes: boolean;
  /** Shows what differs, before anything is changed. */
  report(outcome: TableOutcome): void;
};

/** Takes over a table that another pipeline wrote, once whoever reads the report has agreed. */
export const adoptTable = (io: Io, config: Config, options: AdoptOptions): Promise<TableOutcome> =>
  holdingLake(io, config, async ({ deps, comparer, work }) => {
    const { report, yes, limit } = options;
    await upToCommit(deps, newRunId(deps.now()), work.signal);
    const lake = { ...deps, comparer, work };
    const audit = await auditTable(lake, limit);
    const before = outcome(audit, null);
    report(before);
    if (before.done || !(yes || (await confirmed(io, 'adopt', work.signal)))) return before;
    return outcome(audit, await takeOver(lake, audit));
  });

const origin = ({ sync, rows }: TableAudit): string =>
  sync === undefined
    ? `it holds ${rows} rows that no run of this lake wrote`
    : `it belongs to lake ${sync.lake}`;

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
  };
}
