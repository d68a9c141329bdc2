import { CLEANED_COLUMNS, names } from '../../../medallion/layers.ts';
import { rankedVersions } from '../../../medallion/gold/versions.ts';
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
const HALF_HASH = `cast(${HASH} >> 32 as uinteger) as id_hash`;

/**
 * Ranks the versions of purchases that have several; a single version wins unranked. `ranked` has
 * `columns` and the rank as `place`, `superseded` the arrivals of the versions that do not win.
 * `rows` is an upper bound of the number of versions.
 */
export async function rank(
  session: Session,
  versions: Relation,
  columns: readonly string[],
  rows: number,
): Promise<{ ranked: Relation; superseded: Relation }> {
  const hash = rows <= FEW ? HALF_HASH : ID_HASH;
  const repeated = await session.table(
    'repeated',
    `select id_hash from (select ${hash} from ${versions}) ids group by id_hash having count(*) > 1`,
  );
  const ranked = await session.table(
    'ranked',
    rankedVersions(
      `(select ${columns.join(', ')} from (select *, ${hash} from ${versions}) v semi join ${repeated} using (id_hash))`,
    ),
  );
  const superseded = await session.table(
    'superseded',
    `select arrival from ${ranked} where place > 1`,
  );
  return { ranked, superseded };
}
