import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { commitKey } from '../../lake/layout.ts';
import { readCommit } from '../../lake/ledger/ledger.ts';
import { findDocument } from '../../lake/run/run-documents.ts';
import type { Commit, ObjectRecord } from '../../lake/ledger/records.ts';
import type { RunState, StepName } from '../../state-machine/run-state.ts';
import type { StepDeps } from '../../state-machine/steps/deps.ts';
import { logger, metrics } from './logging.ts';

type MetricsDeps = Pick<StepDeps, 'store' | 'now'>;

/**
 * Publishes the metrics of alarms and dashboard after a state is done. A failed measurement fails
 * no run.
 */
export async function measure(name: StepName, deps: MetricsDeps, state: RunState): Promise<void> {
  try {
    if (name === 'Commit') commitMeasures(await commitOf(deps, state));
    if (name === 'UpsertSync') await upsertMeasures(deps, state);
    if (name === 'NotifyFailure') failureMeasures(state);
  } catch (error) {
    logger.warn('nothing measured', { error: error instanceof Error ? error.name : 'unknown' });
  }
}

const commitOf = async ({ store }: MetricsDeps, { seq }: RunState): Promise<Commit> =>
  (await readCommit(store, commitKey(seq))).commit;

const writtenIn = ({ objects }: Commit): ObjectRecord[] => [
  ...objects.added,
  ...objects.replaced,
  ...objects.remade,
];

function commitMeasures(commit: Commit): void {
  const written = writtenIn(commit);
  const sum = (count: 'read' | 'accepted' | 'quarantined'): number =>
    written.reduce((total, { rows }) => total + rows[count], 0);
  const read = sum('read');
  const quarantined = sum('quarantined');
  const refused = written.filter((object) => object.refused !== undefined).length;
  metrics.addMetric('RowsRead', MetricUnit.Count, read);
  metrics.addMetric('RowsAccepted', MetricUnit.Count, sum('accepted'));
  metrics.addMetric('RowsQuarantined', MetricUnit.Count, quarantined);
  metrics.addMetric(
    'QuarantinedShare',
    MetricUnit.Percent,
    read === 0 ? 0 : (100 * quarantined) / read,
  );
  metrics.addMetric('ObjectsRefused', MetricUnit.Count, refused);
  metrics.addMetric('Customers', MetricUnit.Count, commit.gold?.customers ?? 0);
  metrics.addMetric('CommitSeq', MetricUnit.NoUnit, commit.seq);
  logger.info('committed', {
    seq: commit.seq,
    read,
    quarantined,
    objects: written.length,
    refused,
  });
}

/** Freshness is the age of the newest upload in the commit that the table now holds. */
async function upsertMeasures(deps: MetricsDeps, state: RunState): Promise<void> {
  const done = await findDocument(deps.store, state.run_id, 'upsert');
  const uploads = writtenIn(await commitOf(deps, state)).map(({ modified }) => modified);
  if (uploads.length > 0) {
    const age = Math.floor(deps.now().getTime() / 1000) - uploads.reduce((a, b) => Math.max(a, b));
    metrics.addMetric('FreshnessSeconds', MetricUnit.Seconds, Math.max(0, age));
  }
  metrics.addMetric('CustomersInserted', MetricUnit.Count, done?.inserted ?? 0);
  metrics.addMetric('CustomersUpdated', MetricUnit.Count, done?.updated ?? 0);
  metrics.addMetric('CustomersDeleted', MetricUnit.Count, done?.deleted ?? 0);
}

/** The alarm on failed executions notifies people; this logs the reason. */
function failureMeasures({ reason, error }: RunState): void {
  metrics.addMetric('RunsFailed', MetricUnit.Count, 1);
  logger.error('run failed', {
    reason,
    error: error?.Error ?? 'unknown',
    cause_text: error?.Cause ?? '',
  });
}
