import { ConservationViolated } from '../../errors.ts';
import type { GoldResult } from '../ports/engine.ts';
import type { ObjectRecord } from '../ledger/records.ts';

/**
 * Returns the records to commit: one per planned object, with its rows by outcome, which must add
 * up (SPEC section 8). Errors: `ConservationViolated`.
 */
export function conserved(
  planned: readonly { key: string }[],
  results: readonly ObjectRecord[],
  fates: GoldResult['fates'],
): ObjectRecord[] {
  const records = new Map(results.map((record) => [record.key, record]));
  return planned.map(({ key }) => {
    const record = records.get(key);
    if (record === undefined || results.length !== planned.length)
      throw violation(
        `${key} was to be read, but of ${planned.length} objects ${results.length} were.`,
      );
    return withOutcomes(record, fates[key]);
  });
}

function withOutcomes(
  record: ObjectRecord,
  outcomes: GoldResult['fates'][string] | undefined,
): ObjectRecord {
  const rows = outcomes === undefined ? record.rows : { ...record.rows, ...outcomes };
  const { accepted, duplicate, superseded, deleted, quarantined, erased = 0 } = rows;
  const sum = accepted + duplicate + superseded + deleted + quarantined + erased;
  if (sum !== rows.read)
    throw violation(
      `Rows of ${record.key} do not add up: ${rows.read} were read, but ${accepted} accepted + ${duplicate} duplicate + ${superseded} superseded + ${deleted} deleted + ${quarantined} quarantined + ${erased} erased = ${sum}.`,
    );
  return { ...record, rows };
}

const violation = (message: string): ConservationViolated =>
  new ConservationViolated(message, {
    hint: 'Nothing was committed. Please report this with the file, or a part of it that shows the loss.',
  });
