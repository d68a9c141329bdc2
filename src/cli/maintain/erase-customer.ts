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

/** Plans an erasure; writes nothing. */
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

type Request = { customer: CustomerName; text: string; also: readonly RowName[]; yes: boolean };

/** Erases the customer once the user has typed the id at the terminal, or confirmed in advance. */
export const eraseCustomer = (
  io: Io,
  config: Config,
  { customer, text, also, yes }: Request,
): Promise<Certificate | undefined> =>
  holdingLake(unnamed(io), config, async (lake) => {
    const erasable = await eraseLake(lake);
    if (!yes) {
      if (canAsk(io)) io.stderr.write(await unsureRows(erasable, customer, also));
      if (!(await confirmed(io, text, lake.workspace.signal)))
        throw new UsageError('Not confirmed; nothing was erased.', {
          hint: 'An erasure cannot be undone. Preview it with --dry-run, or confirm in advance with --yes.',
        });
    }
    const certificate = await erase(erasable, customer, also);
    // Half-written files of killed processes. No other process writes while the lake is locked.
    if (certificate !== undefined)
      await rm(join(config.lake, '_tmp'), { recursive: true, force: true });
    return certificate;
  });

/** Lists the rows that may concern the customer, before anything is erased. */
async function unsureRows(
  lake: EraseLake,
  customer: CustomerName,
  also: readonly RowName[],
): Promise<string> {
  try {
    const { unsure } = await planErasure(lake, customer, also);
    return unsureText(unsure)
      .map((line) => `${line}\n`)
      .join('');
  } catch (error) {
    // The customer may be in files that no run has read yet: the erasure reads them first.
    if (error instanceof CustomerUnknown) return '';
    throw error;
  }
}

/** The lock file remains if the process is killed, so it must not contain the customer's id. */
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
