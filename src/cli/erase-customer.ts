import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { Config } from '../config/config.ts';
import { UsageError } from '../errors.ts';
import type { CustomerName } from '../lake/customer-facts.ts';
import type { EraseLake } from '../lake/erase/erase-lake.ts';
import { type Certificate, erase, type ErasePlan, planErasure } from '../lake/erase/erase.ts';
import type { Rewrite } from '../lake/erase/rewrite.ts';
import { RUNS } from '../lake/layout.ts';
import { upToCommit } from '../state-machine/up-to-commit.ts';
import { coloursFor } from './colours.ts';
import { confirmed } from './confirm.ts';
import { type HeldLake, holdingLake } from './held-lake.ts';
import type { Io } from './io.ts';
import { grouped, printable } from './table.ts';
import { MEMORY_LIMIT, newRunId } from './wiring.ts';

/** What an erasure would do, while nothing is written. */
export const erasurePlan = (io: Io, config: Config, customer: CustomerName): Promise<ErasePlan> =>
  holdingLake(unnamed(io), config, async (lake) => planErasure(await eraseLake(lake), customer), {
    reading: true,
  });

/** Erases the customer once a person at the terminal has typed the id, or agreed beforehand. */
export const eraseCustomer = (
  io: Io,
  config: Config,
  { customer, text, yes }: { customer: CustomerName; text: string; yes: boolean },
): Promise<Certificate | undefined> =>
  holdingLake(unnamed(io), config, async (lake) => {
    if (!yes && !(await confirmed(io, text, lake.work.signal)))
      throw new UsageError('Nobody agreed, so nobody was erased.', {
        hint: 'What is erased cannot be brought back. See what it would be with --dry-run; agree beforehand with --yes.',
      });
    const certificate = await erase(await eraseLake(lake), customer);
    // Half-written files of killed processes; nobody else writes while the lake is held.
    if (certificate !== undefined)
      await rm(join(config.lake, '_tmp'), { recursive: true, force: true });
    return certificate;
  });

/** The note about who holds the lake stays behind where the process is killed: it must not name whom it erases. */
const unnamed = (io: Io): Io => ({ ...io, argv: ['erase'] });

async function eraseLake({ deps, comparer, work }: HeldLake): Promise<EraseLake> {
  const { duckdbFinder } = await import('../engines/duckdb/finder.ts');
  const { customerFacts } = await import('../engines/duckdb/explain.ts');
  return {
    ...deps,
    comparer,
    work,
    finder: duckdbFinder({ memoryLimit: MEMORY_LIMIT }),
    facts: (question) => customerFacts(work, question, MEMORY_LIMIT),
    async upToCommit() {
      const runId = newRunId(deps.now());
      await upToCommit(deps, runId, work.signal);
      for await (const { key } of work.store.list(`${RUNS}${runId}/`)) await work.store.remove(key);
    },
    newKey: () => randomBytes(32).toString('hex'),
  };
}

export function planText(io: Io, { objects, not_searched }: ErasePlan): string {
  const { bold } = coloursFor(io, io.stdout);
  const head =
    objects.length === 0
      ? 'No bronze object names the customer.'
      : `${bold('Would rewrite')}  ${grouped(objects.length)} bronze objects, and whatever was made from them.`;
  return [head, ...objects.map(objectText), ...notSearchedText(not_searched)].join('\n');
}

export function certificateText(io: Io, certificate: Certificate | undefined): string {
  if (certificate === undefined)
    return 'Nothing to erase: the customer was erased before, and nothing brought them back.';
  const { objects, removed, rewritten, table, remains, not_searched, seq } = certificate;
  const { green } = coloursFor(io, io.stdout);
  return [
    `${green('Erased')}  as of seq ${seq}: ${grouped(objects.length)} bronze objects and ${grouped(rewritten)} older files rewritten, ${grouped(removed.length)} files removed, ${grouped(table.deleted)} rows gone from ${table.warehouse}.`,
    ...objects.map(objectText),
    ...remainsText(table.warehouse, remains),
    ...notSearchedText(not_searched),
    'The certificate lies in _ledger/certificates/; it names nobody. Backups and copies of the lake are yours to see to.',
  ].join('\n');
}

const objectText = ({ object, rows, lines }: Rewrite): string =>
  `  ${printable(object)}: ${grouped(rows)} rows${lines === 0 ? '' : `, and who ${grouped(lines)} lines of others' purchases name`}`;

const remainsText = (warehouse: string, remains: Certificate['remains']): string[] =>
  remains.length === 0
    ? []
    : [
        `${warehouse} still keeps:`,
        ...remains.map(
          ({ what, until, remedy }) =>
            `  ${printable(what)}: until ${printable(until)}${remedy === undefined ? '' : `; ${printable(remedy)}`}`,
        ),
      ];

const notSearchedText = (keys: readonly string[]): string[] =>
  keys.length === 0
    ? []
    : [
        'Not searched, since no rule can read them as rows (look yourself, or take them away):',
        ...keys.map((key) => `  ${printable(key)}`),
      ];
