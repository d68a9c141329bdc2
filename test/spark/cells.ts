import { readLedger } from '../../src/lake/ledger/ledger.ts';
import type { ObjectRecord } from '../../src/lake/ledger/records.ts';
import type { ProductLake } from '../properties/product.ts';
import { openViews } from '../support/lake-views.ts';

/**
 * Every cell of a lake as text, one line per row: `case name` is the object's key, or the customer
 * for gold and the registry.
 */
export type Cells = Map<string, string[]>;

const LAYERS = {
  silver: 'select * from silver order by object_key, row_number',
  quarantine: 'select * from quarantine order by object_key, row_number nulls first',
  gold: 'select * from gold order by customer_id',
  customer_keys: 'select * from customer_keys order by customer_key',
};

/** All content of a lake, by object; names of files that depend on the engine are left out. */
export async function cellsOf({ store, scratch }: ProductLake): Promise<Cells> {
  const cells: Cells = new Map();
  const add = (about: string, line: string): void => {
    cells.set(about, [...(cells.get(about) ?? []), line]);
  };
  await using session = await openViews({ store, scratch }, '500MB');
  for (const [layer, sql] of Object.entries(LAYERS))
    for (const row of await session.rows(sql))
      add(row['object_key'] ?? layer, `${layer} ${JSON.stringify(row)}`);
  const { objects, gold } = await readLedger(store);
  for (const [key, record] of objects) add(key, `record ${JSON.stringify(facts(record))}`);
  add('gold', `total ${gold?.total} digest ${gold?.digest} customers ${gold?.customers}`);
  return cells;
}

const sorted = (counts: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/**
 * A record without the order of its counts, the names of its files and the engine's own tag; it
 * keeps whether it has files.
 */
const facts = ({ etag: _, silver, quarantine, reasons, repairs, ...record }: ObjectRecord) => ({
  ...record,
  reasons: sorted(reasons),
  repairs: sorted(repairs),
  silver: silver !== null,
  quarantine: quarantine !== null,
});

const SHORT = 400;

/**
 * The cases in which an engine differs from the first: `engine x case`, and the first line that
 * differs.
 */
export function matrixOf(engines: ReadonlyMap<string, Cells>): Record<string, string> {
  const [first, ...others] = [...engines];
  const differing: Record<string, string> = {};
  if (first === undefined) return differing;
  for (const [name, cells] of others)
    for (const about of new Set([...first[1].keys(), ...cells.keys()])) {
      const [one, other] = [first[1].get(about) ?? [], cells.get(about) ?? []];
      const at = one.findIndex((line, index) => line !== other[index]);
      if (at < 0 && one.length === other.length) continue;
      const place = at < 0 ? one.length : at;
      differing[`${name} x ${about}`] = firstDifference(
        one[place] ?? 'nothing',
        other[place] ?? 'nothing',
        first[0],
      );
    }
  return differing;
}

function firstDifference(one: string, other: string, name: string): string {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  const from = Math.max(0, at - 60);
  return `…${other.slice(from, from + SHORT)} where ${name} has …${one.slice(from, from + SHORT)}`;
}
