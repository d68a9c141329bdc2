import type { OracleGoldRow, OracleOutput } from './types.ts';
import { lower, trim } from './text.ts';

/** An erased person, as identified by sources. */
export type Erased = { id: string | null; key: string | null };

const BELOW_ALL_IDS = -(2 ** 31) - 1;

const keyOf = ({ key }: Erased): string | null => (key === null ? null : lower(trim(key)));

/** The integers that gold has for some people. */
export function idsOf(people: readonly Erased[], { registry }: OracleOutput): Set<string> {
  return new Set(
    people.flatMap((person) => {
      const key = keyOf(person);
      const given = key === null ? undefined : registry.get(key);
      return [person.id, given === undefined ? null : String(given)].flatMap((id) => id ?? []);
    }),
  );
}

/**
 * The lake's gold after an erasure, its objects read as they arrived: the rows of erased people are
 * missing, and no cell of another customer changes. A purchase that moved to an erased customer
 * does not return to the previous one, and a file's share of rejected rows counts the erased rows.
 */
export function goldWithout(out: OracleOutput, people: readonly Erased[]): OracleGoldRow[] {
  const gone = idsOf(people, out);
  return out.gold.filter(({ customer_id }) => !gone.has(customer_id));
}

/**
 * The registry after an erasure: the erased keys have integers that no customer can have, since
 * their own may be a customer_id of another person. `former`: the integers that they had, which no
 * other key may get.
 */
export function registryWithout(
  registry: ReadonlyMap<string, number>,
  people: readonly Erased[],
): { registry: Map<string, number>; retiredIds: number[] } {
  const left = new Map(registry);
  const retiredIds: number[] = [];
  for (const [at, person] of people.entries()) {
    const key = keyOf(person) ?? '';
    const id = left.get(key);
    if (id === undefined) continue;
    retiredIds.push(id);
    left.set(key, BELOW_ALL_IDS - at);
  }
  return { registry: left, retiredIds };
}

/**
 * Integers that were assigned to a customer key and that a source also has as a customer_id, erased
 * people excluded.
 */
export function collisionsOf(out: OracleOutput, people: readonly Erased[]): string[] {
  const gone = idsOf(people, out);
  const keys = new Set(people.map(keyOf));
  const given = new Set(
    [...out.registry].filter(([key]) => !keys.has(key)).map(([, id]) => String(id)),
  );
  const real = out.versions
    .filter(({ customer_key }) => customer_key === null)
    .map(({ customer_id }) => customer_id ?? '');
  return [...new Set(real)].filter((id) => given.has(id) && !gone.has(id));
}
