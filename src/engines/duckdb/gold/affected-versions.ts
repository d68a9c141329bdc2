import type { SilverToGoldInput, Workspace } from '../../../lake/ports/engine.ts';
import { incrementSteps } from '../../../medallion/gold/gold-recipe.ts';
import { duckdbDialect } from '../dialect.ts';
import { openObjects } from '../lake-files.ts';
import { loadTable, type Relation } from '../relation.ts';
import type { ArrivedVersions, LiveVersions } from './live-versions.ts';
import { ID_HASH } from './rank.ts';
import { hasRows, type Session } from '../session.ts';
import { SILVER_COLUMNS } from '../../../medallion/layers.ts';

export type Before = NonNullable<SilverToGoldInput['before']>;

/**
 * Columns needed to rank versions and total amounts. Names and e-mails are left out: they are half
 * of silver's bytes.
 */
export const AMOUNT_COLUMNS = [
  'source',
  'purchase_id',
  'customer_id',
  'purchase_date',
  'amount',
  'amount_aud',
  'updated_number',
  'updated_micros',
  'deletes',
  'has_name',
  'has_email',
  'lines',
  'object_key',
  'arrival',
];
/** The increment of the recipe; the functions that replace one of its steps say why. */
export const INCREMENT = incrementSteps(duckdbDialect, AMOUNT_COLUMNS);

const columnsOf = (alias: string): string =>
  AMOUNT_COLUMNS.map((column) => `${alias}.${column}`).join(', ');

/** The live versions, with those that arrived since the previous gold. */
export type IncrementVersions = LiveVersions & { arrived: ArrivedVersions };

/** Purchases of which versions arrived or departed, and the customers of those versions. */
export type Changed = { purchases: Relation; customers: Relation };

/** The purchases with a changed row, and the customers that changed rows name. */
export async function changedPurchases(
  session: Session,
  workspace: Workspace,
  { departed }: Before,
  { arrived, registry }: IncrementVersions,
): Promise<Changed> {
  const cells = 'source, purchase_id, customer_id, customer_key';
  const changed = await session.table('changed', `select ${cells} from ${arrived.stored}`);
  if (departed.length > 0)
    await session.run(
      `insert into ${changed} select ${cells} from ${await departedRows(session, workspace, departed)}`,
    );
  const purchases = await session.table(
    'changed_purchases',
    INCREMENT.changedPurchases({ changed }),
  );
  const customers = await session.table(
    'touched_customers',
    INCREMENT.namedCustomers({ changed, customerKeys: registry }),
  );
  return { purchases, customers };
}

/** Rows of objects that are no longer live, from files that may hold other objects as well. */
function departedRows(
  session: Session,
  workspace: Workspace,
  objects: Before['departed'],
): Promise<Relation> {
  return openObjects(
    session,
    workspace,
    'departed',
    SILVER_COLUMNS,
    objects.map(({ key, silver }) => ({ object: key, file: silver })),
  );
}

/**
 * Replaces the steps `touchedCustomers`, `affectedPurchases` and `affectedVersions`, which read all
 * of silver once each. Here one pass reads the changed purchases and all versions of the customers
 * that changed rows name; further passes follow only if an older version of a changed purchase
 * names another customer, or if the purchases with several customers are not known. Those
 * customers are added to the touched customers.
 */
export async function affectedVersions(
  session: Session,
  { shared }: Before,
  { versions }: LiveVersions,
  { purchases, customers }: Changed,
): Promise<{ affected: Relation; sharedBefore: Relation }> {
  const hashed = `(select *, ${ID_HASH} from ${versions}) v`;
  const sharedBefore = await loadTable(
    session,
    'shared_before',
    { source: 'varchar', purchase_id: 'varchar' },
    (shared ?? []).map(([source, purchaseId]) => ({ source, purchase_id: purchaseId })),
  );
  const candidates = await session.table(
    'candidate_ids',
    `select ${ID_HASH} from ${purchases} union select ${ID_HASH} from ${sharedBefore}`,
  );
  const affected = await session.table(
    'affected_versions',
    `select ${columnsOf('v')} from ${hashed}
where customer_id in (select customer_id from ${customers}) or id_hash in (select id_hash from ${candidates})`,
  );
  const older = await session.table(
    'older_customers',
    `select distinct t.customer_id from ${affected} t semi join ${purchases} using (source, purchase_id)
anti join ${customers} using (customer_id) where t.customer_id is not null`,
  );
  if (await hasRows(session, older)) {
    await session.run(`insert into ${customers} from ${older}`);
    await session.run(`insert into ${affected} select ${columnsOf('v')} from ${versions} v
semi join ${older} using (customer_id) anti join ${affected} using (arrival)`);
  }
  if (shared === undefined)
    await session.run(`insert into ${affected} select ${columnsOf('v')} from ${hashed}
semi join (select distinct ${ID_HASH} from ${affected}) ids using (id_hash) anti join ${affected} using (arrival)`);
  return { affected, sharedBefore };
}
