import type { ObjectRecord } from '../ledger/records.ts';
import type { Finding } from './findings.ts';

/**
 * What a record says of an object that no later run may change; rows by fate may: they are as of
 * the record's commit.
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
 * Objects that the ledger lacks or has too many, and recorded facts that are others when the object
 * is read again.
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
        ? 'it is in the ledger, but cannot be read any more; its rows were left as they are'
        : 'it is in the ledger, but no more in bronze';
      yield { what, object, problem: 'unexpected', message };
    }
}

const asText = (value: string | number | null): string | null =>
  value === null ? null : String(value);
