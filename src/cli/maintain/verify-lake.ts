import { join } from 'node:path';

import type { Config } from '../../config/config.ts';
import type { Finding, Verification } from '../../lake/audit/findings.ts';
import { rulesVersionText } from '../../lake/ledger/ledger-version.ts';
import { verify } from '../../lake/audit/verify.ts';
import { folderStore } from '../../stores/filesystem/filesystem.ts';
import { coloursFor } from '../terminal/colours.ts';
import { holdingLake } from '../wiring/with-locked-lake.ts';
import type { Io } from '../terminal/io.ts';
import { skippedText } from '../run/print-skipped.ts';
import { counted, grouped, printable } from '../terminal/table.ts';

/** Verifies the lake while it is locked. */
export const verifyLake = (io: Io, config: Config, limit: number): Promise<Verification> =>
  holdingLake(
    io,
    config,
    ({ deps, diff, workspace }) =>
      verify({
        ...deps,
        diff,
        workspace,
        limit,
        rebuildStore: folderStore(join(workspace.scratch, 'beside')),
      }),
    { reading: true },
  );

export function verificationText(io: Io, verification: Verification): string {
  const colours = coloursFor(io, io.stdout);
  const { checked, seq } = verification;
  const what = `${counted(checked.objects, 'object')}, ${counted(checked.silver, 'purchase version')}, ${counted(checked.quarantine, 'rejected row')}, ${counted(checked.customers, 'customer')}, ${counted(checked.files, 'file')} and ${counted(checked.commits, 'commit')}`;
  const skipped = skippedText(verification.skipped ?? [], colours);
  if (verification.equal)
    return [
      `${colours.green('Equal')}  seq ${seq} and the serving table match a rebuild from bronze: ${what}.`,
      ...skipped,
    ].join('\n');
  const counts = Object.entries(verification.differences)
    .map(([kind, count]) => `${grouped(count)} ${kind.replace('_', ' ')}`)
    .join(', ');
  return [
    `${colours.red('Not equal')}  ${counts}; checked ${what}.`,
    ...verification.findings.map((finding) => `  ${printable(findingText(finding))}`),
    ...skipped,
    ...olderRulesText(verification),
    nextText(verification),
  ].join('\n');
}

function olderRulesText({ seq, rules_version: { lake, now } }: Verification): string[] {
  if (seq === 0 || lake === now) return [];
  return [
    `The lake was written by rules ${rulesVersionText(lake ?? undefined)}; the current rules are version ${now}. The next run reads every object again, once.`,
  ];
}

/** Formats a finding in one line: its place, what was found and what was expected. */
export function findingText(finding: Finding): string {
  const { what, key, object, row, customer, problem, column, message } = finding;
  const place = [
    what.replace('_', ' '),
    key ?? object,
    row === undefined ? undefined : `row ${row}`,
    customer === undefined ? undefined : `customer ${customer}`,
    column,
  ].filter((part) => part !== undefined);
  const shown = (value: string | null | undefined): string => value ?? 'null';
  const difference =
    message ??
    (problem === 'differs'
      ? `is ${shown(finding.found)}, should be ${shown(finding.expected)}`
      : problem === 'missing'
        ? 'is missing'
        : 'should not exist');
  return `${place.join(' ')}: ${difference}`;
}

function nextText({ differences }: Verification): string {
  if (differences.ledger !== undefined)
    return 'The ledger itself is damaged: restore _ledger/ from a backup of the lake.';
  const lake = ['file', 'silver', 'quarantine', 'gold'] as const;
  if (lake.some((what) => differences[what] !== undefined) && differences.object === undefined)
    return 'Next: purchases rebuild writes the lake again from bronze; then check it with purchases verify.';
  return differences.object === undefined
    ? 'Next: purchases repair makes the serving table equal to gold again.'
    : 'Next: purchases run brings the lake up to date with bronze, the rules and the rates.';
}
