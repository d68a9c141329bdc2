import { copyFile, link, mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { loadConfig } from '../../config/load.ts';
import { UsageError } from '../../errors.ts';
import { findDocument } from '../../lake/run/run-documents.ts';
import type { Counts } from '../../lake/ledger/records.ts';
import { initialRunState } from '../../state-machine/run-state.ts';
import { bronzeToSilverStep } from '../../state-machine/steps/bronze-to-silver.ts';
import { planStep } from '../../state-machine/steps/plan.ts';
import { temporaryFolder } from '../wiring/scratch.ts';
import { newRunId, wire } from '../wiring/wiring.ts';

/** The outcome of the rules on the files, before versions of a purchase are ranked. */
export type Trial = {
  rows: { read: number; accepted: number; quarantined: number };
  reasons: Counts;
  repairs: Counts;
  /** Files that were rejected whole. */
  refused: { file: string; reason: string; message: string }[];
};

/**
 * Runs the rules over the files in a temporary lake: the first states of a run, without a serving
 * table. Errors: `ConfigInvalid` if the text is not a valid configuration.
 */
export async function tryOut(
  yaml: string,
  files: readonly string[],
  folder: string,
  now: Date,
  signal: AbortSignal,
): Promise<Trial> {
  const root = await temporaryFolder('init');
  try {
    const config = join(root, 'purchases.config.yaml');
    const lake = join(root, 'lake');
    await writeFile(config, yaml);
    await copyFiles(files, join(lake, 'bronze', folder));
    const loaded = await loadConfig({ cwd: root, env: {}, flags: { config, lake } });
    await using wiring = await wire(loaded, () => now);
    const context = { signal, stateName: 'Plan' };
    const state = await planStep(wiring.deps)(
      initialRunState(newRunId(now), 'purchases init'),
      context,
    );
    await bronzeToSilverStep(wiring.deps)(state, { ...context, stateName: 'BronzeToSilver' });
    const outcome = await findDocument(wiring.deps.store, state.run_id, 'made');
    return trialOf(outcome?.objects ?? []);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function copyFiles(files: readonly string[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const names = new Set(files.map((file) => basename(file)));
  if (names.size < files.length)
    throw new UsageError('Two of the files have the same name.', {
      hint: 'In the lake one would replace the other: rename one.',
    });
  for (const file of files) {
    const from = await realpath(file);
    const to = join(folder, basename(file));
    // Links fail across disks and on some file systems.
    await link(from, to).catch(() => copyFile(from, to));
  }
}

type ObjectOutcomes = NonNullable<Awaited<ReturnType<typeof findDocument<'made'>>>>['objects'];

function trialOf(objects: ObjectOutcomes): Trial {
  const trial: Trial = {
    rows: { read: 0, accepted: 0, quarantined: 0 },
    reasons: {},
    repairs: {},
    refused: [],
  };
  for (const { key, rows, reasons, repairs, refused } of objects) {
    for (const count of ['read', 'accepted', 'quarantined'] as const)
      trial.rows[count] += rows[count];
    add(trial.reasons, reasons);
    add(trial.repairs, repairs);
    if (refused !== undefined) trial.refused.push({ file: basename(key), ...refused });
  }
  return trial;
}

function add(sums: Counts, counts: Counts): void {
  for (const [code, count] of Object.entries(counts)) sums[code] = (sums[code] ?? 0) + count;
}

/** The folder of a file below bronze/, named after the day: its ingestion date is read from it. */
export const dayFolder = (date: string): string => date.replaceAll('-', '/');
