import { CLEANED_COLUMNS, names } from '../../../medallion/layers.ts';
import { rankSteps } from '../../../medallion/gold/gold-recipe.ts';
import { duckdbDialect } from '../dialect.ts';
import type { Relation } from '../relation.ts';
import type { Session } from '../session.ts';

const HASH = duckdbDialect.hash('source', 'purchase_id');

/**
 * Hash of a purchase. A join on integers takes half the time of a join on texts; a collision only
 * adds purchases to compare.
 */
export const ID_HASH = `${HASH} as id_hash`;

/** Columns needed to rank versions and to decide the outcome of the superseded ones. */
export const RANKED_COLUMNS = [
  'source',
  'purchase_id',
  ...names(CLEANED_COLUMNS),
  'lines',
  'object_key',
  'arrival',
];

/**
 * Up to this many versions are grouped by half of the hash, which is faster; one version in a
 * hundred then shares it by chance.
 */
const FEW = 50_000_000;
const HALF_HASH = `cast(${HASH} >> 32 as uinteger)`;

/** Runs `rankSteps`. `rows` is an upper bound of the number of versions. */
export async function rank(
  session: Session,
  versions: Relation,
  columns: readonly string[],
  rows: number,
): Promise<{ ranked: Relation; superseded: Relation }> {
  const steps = rankSteps(rows <= FEW ? HALF_HASH : HASH, columns);
  const repeated = await session.table('repeated', steps.repeated({ versions }));
  const ranked = await session.table('ranked', steps.ranked({ versions, repeated }));
  const superseded = await session.table('superseded', steps.superseded({ ranked }));
  return { ranked, superseded };
}
