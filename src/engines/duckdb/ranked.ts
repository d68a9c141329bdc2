import { CLEANED_COLUMNS, names } from '../../medallion/layers.ts';
import { rankedVersions } from '../../medallion/versions.ts';
import { duckdbDialect } from './dialect.ts';
import type { Session } from './session.ts';

/** Joins on whole numbers take half of what joins on texts do; purchases that share one by chance are only looked at in vain. */
export const ID_HASH = `${duckdbDialect.hash('source', 'purchase_id')} as id_hash`;

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
 * The tables `ranked`, `columns` of the versions whose purchase has several, each with its place, and `beaten`, the arrivals of those among them
 * that do not win: what stands alone wins unranked.
 */
export async function rank(
  session: Session,
  versions: string,
  columns: readonly string[],
): Promise<void> {
  await session.run(
    `create temp table repeated as select id_hash from (select ${ID_HASH} from ${versions}) ids group by id_hash having count(*) > 1`,
  );
  await session.run(
    `create temp table ranked as ${rankedVersions(`(select ${columns.join(', ')} from (select *, ${ID_HASH} from ${versions}) v semi join repeated using (id_hash))`)}`,
  );
  await session.run('create temp table beaten as select arrival from ranked where place > 1');
}
