import { ConservationViolated } from '../../../errors.ts';
import type { ObjectRecord } from '../../../lake/ledger/records.ts';
import { parquet } from '../files.ts';
import type { Session } from '../session.ts';

/** Counts of one object in a batch's files: `reasons` counts rows, `repairs` counts versions. */
type ObjectCounts = {
  accepted: number;
  quarantined: number;
  reasons: Record<string, number>;
  repairs: Record<string, number>;
};

export type Counts = Map<string, ObjectCounts>;

export const noCounts = (records: readonly ObjectRecord[]): Counts =>
  new Map(
    records.map(({ key }) => [key, { accepted: 0, quarantined: 0, reasons: {}, repairs: {} }]),
  );

export const acceptedOf = (counts: Counts): number =>
  [...counts.values()].reduce((sum, { accepted }) => sum + accepted, 0);

/** Adds the rows and cleanups in the silver files to `counts`. */
export async function countSilver(
  session: Session,
  paths: readonly string[],
  counts: Counts,
): Promise<void> {
  if (paths.length === 0) return;
  const rows = await session.rows(
    `select object_key, repairs, cast(sum(lines) as bigint) as lines, count(*) as versions from ${parquet(session, paths)} group by all`,
  );
  for (const { object_key, repairs, lines, versions } of rows) {
    const count = counts.get(object_key ?? '');
    if (count === undefined)
      throw new Error(`Silver contains an object that was not read: ${object_key}`);
    count.accepted += Number(lines);
    for (const cleanup of (repairs ?? '').split(',').filter(Boolean))
      count.repairs[cleanup] = (count.repairs[cleanup] ?? 0) + Number(versions);
  }
}

/** Adds the rows and reasons in the quarantine files to `counts`. */
export async function countQuarantine(
  session: Session,
  paths: readonly string[],
  counts: Counts,
): Promise<void> {
  if (paths.length === 0) return;
  for (const { object_key, reasons, rejected } of await session.rows(
    `select object_key, reasons, count(*) as rejected from ${parquet(session, paths)} group by all`,
  )) {
    const count = counts.get(object_key ?? '');
    if (count === undefined)
      throw new Error(`Quarantine contains an object that was not read: ${object_key}`);
    count.quarantined += Number(rejected);
    for (const reason of (reasons ?? '').split(','))
      count.reasons[reason] = (count.reasons[reason] ?? 0) + Number(rejected);
  }
}

/**
 * Returns the record with its counts. Accepted and quarantined rows must add up to the rows that
 * were counted in the bytes (SPEC section 8). Error: `ConservationViolated`.
 */
export function counted(
  record: ObjectRecord,
  read: number,
  count: ObjectCounts | undefined,
  { silver, quarantine }: Record<'silver' | 'quarantine', string | undefined>,
): ObjectRecord {
  const { accepted = 0, quarantined = 0, reasons = {}, repairs = {} } = count ?? {};
  if (accepted + quarantined !== read)
    throw new ConservationViolated(
      `Rows of ${record.key} were lost: ${read} were read, ${accepted} accepted and ${quarantined} quarantined.`,
      {
        hint: 'Nothing was committed. Please report this with the file, or a part of it that shows the loss.',
      },
    );
  const whole = reasons['too_many_refused'];
  const arrived = read + (record.rows.erased ?? 0);
  return {
    ...record,
    rows: { ...record.rows, read: arrived, accepted, quarantined },
    reasons,
    repairs,
    silver: accepted > 0 ? (silver ?? null) : null,
    quarantine: quarantined > 0 ? (quarantine ?? null) : null,
    ...(whole === undefined
      ? {}
      : {
          refused: {
            reason: 'too_many_refused' as const,
            message: `It refused more than the allowed share of its ${arrived} rows (\`limits.maxQuarantinedShare\`).`,
          },
        }),
  };
}
