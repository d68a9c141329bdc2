import { LedgerConflict } from '../../errors.ts';
import { conserved } from '../../lake/run/conservation.ts';
import { commitKey } from '../../lake/layout.ts';
import { publish, readCommit, readLedger } from '../../lake/ledger/ledger.ts';
import { LEDGER_FORMAT } from '../../lake/ledger/ledger-version.ts';
import { byChange } from '../../lake/run/next-state.ts';
import type { GoldResult } from '../../lake/ports/engine.ts';
import type { Commit } from '../../lake/ledger/records.ts';
import { readBronzeResult, readDocument } from '../../lake/run/run-documents.ts';
import { RULES_VERSION } from '../../lake/settings.ts';
import type { Step } from '../run-state.ts';
import type { StepDeps } from './deps.ts';

/**
 * Makes the run's work visible by creating one object if it is absent. Errors: `LedgerConflict`,
 * `ConservationViolated`.
 */
export function commitStep(deps: StepDeps): Step {
  return async (state) => {
    const plan = await readDocument(deps.store, state.run_id, 'plan');
    const written = await readBronzeResult(deps.store, state.run_id);
    const { gold, fates, keys } = await readDocument(deps.store, state.run_id, 'gold');
    const ledger = await readLedger(deps.store);
    if (ledger.seq !== plan.seq) return resolveMoved(ledger.seq, plan.seq);
    const commit: Commit = {
      format: LEDGER_FORMAT,
      rules_version: RULES_VERSION,
      seq: plan.seq + 1,
      lake: ledger.lake ?? plan.attempt,
      attempt: plan.attempt,
      run_id: state.run_id,
      committed_at: deps.now().toISOString(),
      previous: ledger.commit,
      rates: plan.rates,
      objects: {
        ...byChange(conserved(plan.make, written.objects, fates), plan.make),
        removed: plan.removed,
      },
      files: written.files,
      keys: registryAfter(ledger.keys, keys),
      gold,
    };
    if ((await publish(deps.store, ledger, commit)) === undefined) return conflict(commit.seq);
    return { ...state, seq: commit.seq };

    /**
     * Handles a ledger that moved on since the plan: by this attempt, killed after its commit, or
     * by another writer.
     */
    async function resolveMoved(now: number, planned: number): Promise<typeof state> {
      const { commit: winner } = await readCommit(deps.store, commitKey(planned + 1));
      return now > planned && winner.attempt === plan.attempt
        ? { ...state, seq: winner.seq }
        : conflict(planned + 1);
    }
  };
}

/**
 * Adds a file to the registry, unless the registry was rewritten as a whole: then its previous
 * files are retired.
 */
function registryAfter(
  before: Commit['keys'],
  { file, next, replaced }: GoldResult['keys'],
): Commit['keys'] {
  const files = file === null ? [] : [file];
  if (replaced === true)
    return { files, next, former: [...(before.former ?? []), ...before.files] };
  return file === null ? before : { ...before, files: [...before.files, ...files], next };
}

function conflict(seq: number): never {
  throw new LedgerConflict(`Another writer committed seq ${seq} first.`, {
    hint: 'The run plans again on top of it.',
  });
}
