import type { ObjectRecord } from '../ledger/records.ts';
import type { Finding } from './findings.ts';

/**
 * Facts of an object's record that no later run may change. Rows by outcome are left out: they are
 * as of the record's commit.
 */
const FACTS: [column: string, of: (record: ObjectRecord) => string | number | null][] = [
  ['source', ({ source }) => source],
  ['ingestion_date', ({ ingestion_date }) => ingestion_date],
  ['modified', ({ modified }) => modified],
  ['sha256', ({ sha256 }) => sha256],
  ['rules', ({ rules }) => rules],
  ['rows_read', ({ rows }) => rows.read],
  ['quarantined', ({ rows }) => rows.quarantined],
  ['erased', ({ rows }) => rows.erased ?? 0],
  ['refused', ({ refused }) => refused?.reason ?? null],
];

/**
 * Yields objects that are missing from the ledger or unexpected in it, and recorded facts that
 * differ when the object is read again.
 */
export function* objectFindings(
  found: ReadonlyMap<string, ObjectRecord>,
  expected: ReadonlyMap<string, ObjectRecord>,
  isHidden: (object: string) => boolean,
): Generator<Finding> {
  const what = 'object';
  for (const [object, record] of expected) {
    const recorded = found.get(object);
    if (recorded === undefined) {
      const message = 'it is in bronze, but not in the ledger';
      yield { what, object, problem: 'missing', message };
      continue;
    }
    for (const [column, of] of FACTS)
      if (of(recorded) !== of(record))
        yield {
          what,
          object,
          problem: 'differs',
          column,
          found: asText(of(recorded)),
          expected: asText(of(record)),
        };
  }
  for (const object of found.keys())
    if (!expected.has(object)) {
      const message = isHidden(object)
        ? 'it is in the ledger, but can no longer be read; its rows were kept'
        : 'it is in the ledger, but no longer in bronze';
      yield { what, object, problem: 'unexpected', message };
    }
}

const asText = (value: string | number | null): string | null =>
  value === null ? null : String(value);
