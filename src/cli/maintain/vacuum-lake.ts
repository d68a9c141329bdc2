import type { Config } from '../../config/config.ts';
import { vacuum, type Vacuumed } from '../../lake/audit/vacuum.ts';
import { coloursFor } from '../terminal/colours.ts';
import { holdingLake } from '../wiring/with-locked-lake.ts';
import type { Io } from '../terminal/io.ts';
import { counted, grouped, printable } from '../terminal/table.ts';

export type VacuumFlags = { keep: number; dryRun: boolean };

/** Vacuums the lake while it is locked. The serving table's seq decides which gold it needs. */
export const vacuumLake = (io: Io, config: Config, flags: VacuumFlags): Promise<Vacuumed> =>
  holdingLake(
    io,
    config,
    async ({ deps, workspace }) => {
      const { sync } = await (await deps.warehouse()).state();
      return vacuum(deps.store, { ...flags, now: deps.now(), sync, signal: workspace.signal });
    },
    { reading: flags.dryRun },
  );

const SHOWN = 20;

export function vacuumText(io: Io, { removed, bytes, days }: Vacuumed, dryRun: boolean): string {
  const colours = coloursFor(io, io.stdout);
  const kept = `Gold of ${grouped(days.length)} days is kept${days[0] === undefined ? '' : `, from ${days[0]}`}.`;
  if (removed.length === 0)
    return `Nothing to remove: every file older than a day is still needed. ${kept}`;
  const more = removed.length - SHOWN;
  return [
    `${colours.bold(dryRun ? 'Would remove' : 'Removed')}  ${counted(removed.length, 'file')}, ${(bytes / 1e6).toFixed(1)} MB. ${kept}`,
    ...removed.slice(0, SHOWN).map(({ key }) => `  ${printable(key)}`),
    ...(more > 0 ? [`  … and ${grouped(more)} more (all with --json)`] : []),
  ].join('\n');
}
