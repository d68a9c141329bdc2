import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { Config } from '../../config/config.ts';
import { CustomerUnknown, UsageError } from '../../errors.ts';
import type { CustomerName } from '../../lake/customer/facts.ts';
import type { RowName } from '../../lake/erase/also.ts';
import type { EraseLake } from '../../lake/erase/erase-lake.ts';
import { type Certificate, erase, type ErasePlan, planErasure } from '../../lake/erase/erase.ts';
import { RUNS } from '../../lake/layout.ts';
import { upToCommit } from '../../state-machine/up-to-commit.ts';
import { canAsk, confirmed } from '../terminal/confirm.ts';
import { type HeldLake, holdingLake } from '../wiring/with-locked-lake.ts';
import type { Io } from '../terminal/io.ts';
import { unsureText } from './print-erasure.ts';
import { MEMORY_LIMIT, newRunId } from '../wiring/wiring.ts';

/** What an erasure would do, while nothing is written. */
export const erasurePlan = (
  io: Io,
  config: Config,
  customer: CustomerName,
  also: readonly RowName[],
): Promise<ErasePlan> =>
  holdingLake(
    unnamed(io),
    config,
    async (lake) => planErasure(await eraseLake(lake), customer, also),
    { reading: true },
  );

type Asked = { customer: CustomerName; text: string; also: readonly RowName[]; yes: boolean };

/** Erases the customer once a person at the terminal has typed the id, or agreed beforehand. */
export const eraseCustomer = (
  io: Io,
  config: Config,
  { customer, text, also, yes }: Asked,
): Promise<Certificate | undefined> =>
  holdingLake(unnamed(io), config, async (lake) => {
    const on = await eraseLake(lake);
    if (!yes) {
      if (canAsk(io)) io.stderr.write(await unsureOf(on, customer, also));
      if (!(await confirmed(io, text, lake.workspace.signal)))
        throw new UsageError('Not confirmed; nothing was erased.', {
          hint: 'What is erased cannot be brought back. See what it would be with --dry-run; agree beforehand with --yes.',
        });
    }
    const certificate = await erase(on, customer, also);
    // Half-written files of killed processes; nobody else writes while the lake is held.
    if (certificate !== undefined)
      await rm(join(config.lake, '_tmp'), { recursive: true, force: true });
    return certificate;
  });

/** The rows that may concern the customer, to be looked at before anything is erased. */
async function unsureOf(
  on: EraseLake,
  customer: CustomerName,
  also: readonly RowName[],
): Promise<string> {
  try {
    const { unsure } = await planErasure(on, customer, also);
    return unsureText(unsure)
      .map((line) => `${line}\n`)
      .join('');
  } catch (error) {
    // Only files that no run has read yet may name the customer: the erasure reads them first.
    if (error instanceof CustomerUnknown) return '';
    throw error;
  }
}

/**
 * The note about who holds the lake stays behind where the process is killed: it must not name whom
 * it erases.
 */
const unnamed = (io: Io): Io => ({ ...io, argv: ['erase'] });

async function eraseLake({ deps, customerIndex, diff, workspace }: HeldLake): Promise<EraseLake> {
  const { duckdbPersonSearch } = await import('../../engines/duckdb/read/person-search.ts');
  const { customerFacts } = await import('../../engines/duckdb/read/explain.ts');
  return {
    ...deps,
    customerIndex,
    diff,
    workspace,
    personSearch: duckdbPersonSearch({ memoryLimit: MEMORY_LIMIT }),
    facts: (question) => customerFacts(workspace, question, MEMORY_LIMIT),
    async upToCommit(remake = []) {
      const runId = newRunId(deps.now());
      await upToCommit({ ...deps, remake: new Set(remake) }, runId, workspace.signal);
      for await (const { key } of workspace.store.list(`${RUNS}${runId}/`))
        await workspace.store.remove(key);
    },
    newKey: () => randomBytes(32).toString('hex'),
  };
}
