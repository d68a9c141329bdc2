import { ConservationViolated } from '../../../errors.ts';
import type { ObjectRecord } from '../../../lake/ledger/records.ts';
import { parquet } from '../files.ts';
import type { Session } from '../session.ts';

/** What a batch's files hold of one object; `reasons` and `repairs` count rows and versions. */
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

/** Adds what the silver files hold. */
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
      throw new Error(`silver names an object that was not read: ${object_key}`);
    count.accepted += Number(lines);
    for (const repair of (repairs ?? '').split(',').filter(Boolean))
      count.repairs[repair] = (count.repairs[repair] ?? 0) + Number(versions);
  }
}

/** Adds what the quarantine files hold. */
export async function countQuarantine(
  session: Session,
  paths: readonly string[],
  counts: Counts,
): Promise<void> {
  if (paths.length === 0) return;
  for (const { object_key, reasons, refused } of await session.rows(
    `select object_key, reasons, count(*) as refused from ${parquet(session, paths)} group by all`,
  )) {
    const count = counts.get(object_key ?? '');
    if (count === undefined)
      throw new Error(`quarantine names an object that was not read: ${object_key}`);
    count.quarantined += Number(refused);
    for (const reason of (reasons ?? '').split(','))
      count.reasons[reason] = (count.reasons[reason] ?? 0) + Number(refused);
  }
}

/**
 * The record with its counts. What the engine wrote must add up to what the host counted in the
 * bytes (SPEC section 8).
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
