import { readObject, type Candidate } from './bronze-object.ts';
import { goldOf } from './gold.ts';
import type { Order } from './purchase.ts';
import { compareBytes } from './text.ts';
import type { CleanFields, Outcome, OracleInput, OracleOutput, OracleVersion } from './types.ts';

function compare<T extends string | number | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareArrival(a: Candidate, b: Candidate): number {
  return (
    compare(a.ingestion_date, b.ingestion_date) ||
    compare(a.modified, b.modified) ||
    compareBytes(a.key, b.key) ||
    compare(a.row_number, b.row_number)
  );
}

function compareOrder(a: Order, b: Order): number {
  return compare(a.rank, b.rank) || compare(a.value, b.value);
}

/** The customer_ids that versions carry themselves. */
const realIds = (arrived: Candidate[]): Set<number> =>
  new Set(
    arrived.flatMap(({ purchase }) =>
      purchase.customer_id === null ? [] : [Number(purchase.customer_id)],
    ),
  );

/**
 * Assigns each new key of a version the next integer that no version has as its customer_id, that
 * no erased person had and that no key ever had, in order of arrival; known keys keep theirs.
 */
function register(
  arrived: Candidate[],
  { registry: known, retiredIds, erased, firstCustomerId }: OracleInput,
) {
  const registry = new Map(known);
  const given = [...known.values(), ...(retiredIds ?? [])];
  const taken = new Set([...realIds(arrived), ...given, ...(erased ?? [])]);
  let last = Math.max(firstCustomerId - 1, ...given);
  for (const { purchase } of arrived) {
    if (purchase.customer_key === null || registry.has(purchase.customer_key)) continue;
    do last += 1;
    while (taken.has(last));
    registry.set(purchase.customer_key, last);
  }
  return registry;
}

function cleanFields({ purchase }: Candidate): CleanFields {
  const { rate, rate_date, amount_aud, order, repairs, ...fields } = purchase;
  return fields;
}

function outcomesOf(arrived: Candidate[]): Map<Candidate, Outcome> {
  const versions = new Map<string, Candidate[]>();
  for (const one of arrived) {
    const identity = JSON.stringify([one.source, one.purchase.purchase_id]);
    versions.set(identity, [...(versions.get(identity) ?? []), one]);
  }
  const outcomes = new Map<Candidate, Outcome>();
  for (const group of versions.values()) {
    const winner = group
      .toSorted((a, b) => compareOrder(a.purchase.order, b.purchase.order) || compareArrival(a, b))
      .at(-1);
    for (const one of group) {
      const isSame =
        winner !== undefined &&
        JSON.stringify(cleanFields(one)) === JSON.stringify(cleanFields(winner));
      if (one === winner) outcomes.set(one, one.purchase.deletes ? 'deleted' : 'accepted');
      else outcomes.set(one, isSame ? 'duplicate' : 'superseded');
    }
  }
  return outcomes;
}

function versionOf(one: Candidate, outcome: Outcome, registry: Map<string, number>): OracleVersion {
  const { order, repairs, ...purchase } = one.purchase;
  const key = purchase.customer_key;
  return {
    ...purchase,
    customer_id: key === null ? purchase.customer_id : String(registry.get(key)),
    key: one.key,
    row_number: one.row_number,
    source: one.source,
    ingestion_date: one.ingestion_date,
    lines: one.lines,
    outcome,
  };
}

function assertConserved(objects: OracleOutput['objects']): void {
  for (const [key, { rows }] of objects) {
    const total =
      rows.accepted + rows.duplicate + rows.superseded + rows.deleted + rows.quarantined;
    if (total !== rows.read)
      throw new Error(`${key}: ${rows.read} rows read, ${total} accounted for`);
  }
}

/**
 * The meaning of a lake, computed slowly and independently: the gold, the versions and the outcome
 * of every row.
 */
export function oracle(input: OracleInput): OracleOutput {
  const read = input.objects.map((object) => ({ key: object.key, ...readObject(object, input) }));
  const arrived = read.flatMap((object) => object.candidates).toSorted(compareArrival);
  const registry = register(arrived, input);
  const real = realIds(arrived);
  const collisions = [...input.registry.values()].filter((id) => real.has(id));
  const outcomes = outcomesOf(arrived);
  const versions = arrived.map((one) =>
    versionOf(one, outcomes.get(one) ?? 'superseded', registry),
  );
  const objects: OracleOutput['objects'] = new Map(read.map(({ key, report }) => [key, report]));
  for (const version of versions) {
    const report = objects.get(version.key);
    if (report !== undefined) report.rows[version.outcome] += version.lines;
  }
  assertConserved(objects);
  const quarantine = read
    .flatMap((object) => object.refusals)
    .toSorted((a, b) => compareBytes(a.key, b.key) || compare(a.row_number, b.row_number));
  return { gold: goldOf(versions), objects, quarantine, versions, registry, collisions };
}
