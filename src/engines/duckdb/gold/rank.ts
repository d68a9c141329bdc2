import { CLEANED_COLUMNS, names } from '../../../medallion/layers.ts';
import { rankedVersions } from '../../../medallion/versions.ts';
import { duckdbDialect } from '../dialect.ts';
import type { Session } from '../session.ts';

const HASH = duckdbDialect.hash('source', 'purchase_id');

/**
 * Joins on whole numbers take half of what joins on texts do; purchases that share one by chance
 * are only looked at in vain.
 */
export const ID_HASH = `${HASH} as id_hash`;

/** What tells who wins, and what became of the others. */
export const JUDGED_COLUMNS = [
  'source',
  'purchase_id',
  ...names(CLEANED_COLUMNS),
  'lines',
  'object_key',
  'arrival',
];

/**
 * Half of the hash is quicker to group by, and of so many versions one in a hundred shares it by
 * chance.
 */
const FEW = 50_000_000;
const HALF_HASH = `cast(${HASH} >> 32 as uinteger) as id_hash`;

/**
 * The tables `ranked`, `columns` of the versions whose purchase has several, each with its place,
 * and `beaten`, the arrivals of those among them that do not win: what stands alone wins unranked.
 * There are at most `rows` versions.
 */
export async function rank(
  session: Session,
  versions: string,
  columns: readonly string[],
  rows: number,
): Promise<void> {
  const hash = rows <= FEW ? HALF_HASH : ID_HASH;
  await session.run(
    `create temp table repeated as select id_hash from (select ${hash} from ${versions}) ids group by id_hash having count(*) > 1`,
  );
  await session.run(
    `create temp table ranked as ${rankedVersions(`(select ${columns.join(', ')} from (select *, ${hash} from ${versions}) v semi join repeated using (id_hash))`)}`,
  );
  await session.run('create temp table beaten as select arrival from ranked where place > 1');
}
