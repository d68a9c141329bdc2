import type {
  CustomerFacts,
  CustomerName,
  CustomerQuestion,
  GoldRow,
  RefusedRow,
} from '../../../lake/customer/facts.ts';
import type { Workspace } from '../../../lake/ports/engine.ts';
import {
  type HistoryRow,
  history,
  namesCustomer,
  purchasesNaming,
  versionsOf,
} from '../../../medallion/gold/explain.ts';
import { GOLD_COLUMNS, REGISTRY_COLUMNS, QUARANTINE_COLUMNS } from '../../../medallion/layers.ts';
import { literal } from '../../../medallion/sql/text.ts';
import { mustNotCollide } from '../gold/customer-keys.ts';
import { openVersions } from '../gold/live-versions.ts';
import type { Relation } from '../relation.ts';
import { openSession, type Session } from '../session.ts';
import { openObjects, storedRows } from '../lake-files.ts';

/**
 * Reads the facts about one customer from the live files; of a large lake only the rows of that
 * customer's purchases. Error: `CustomerIdsCollide`.
 */
export async function customerFacts(
  workspace: Workspace,
  question: CustomerQuestion,
  memoryLimit: string,
): Promise<CustomerFacts> {
  await using session = await openSession({ ...workspace, memoryLimit });
  const live = await openVersions(session, workspace, question);
  const { registry, stored } = live;
  const gold = await openGold(session, workspace, question);
  const ids = await customerIds(session, question.customer, { registry, gold });
  // A lake with a collision counts two people as one customer: neither is shown as the other.
  if (ids.length > 0)
    await mustNotCollide(session, live, stored, `customer_id in (${ids.join(', ')})`);
  const [id] = ids;
  const keys = await customerKeys(session, question.customer, id, registry);
  const naming = namesCustomer(id, keys);
  const former = await formerIds(session, workspace, question, keys);
  const facts = { ids, keys, previousIds: former, gold: undefined, history: [] };
  const refused = await rejectedRows(session, workspace, question, naming);
  if (id === undefined || ids.length > 1) return { ...facts, refused };
  // The condition applies to the stored ids, not the resolved ones, so that Parquet's statistics
  // can skip row groups.
  const purchases = await session.table('purchases', purchasesNaming(stored, naming));
  const versions = await session.table('customer_versions', versionsOf(live.versions, purchases));
  const [goldRow] = await session.rows(`select * from ${gold} where customer_id = ${id}`);
  return {
    ...facts,
    refused,
    gold: goldRow as GoldRow | undefined,
    history: (await session.rows(history(versions))) as HistoryRow[],
  };
}

async function openGold(
  session: Session,
  workspace: Workspace,
  { gold }: CustomerQuestion,
): Promise<Relation> {
  const keys = gold.map(({ key }) => key);
  return session.view(
    'gold',
    `select * from ${await storedRows(session, workspace, keys, GOLD_COLUMNS)}`,
  );
}

/**
 * Integers of the named customer. A text is looked up as a customer key first, then as an e-mail
 * address.
 */
async function customerIds(
  session: Session,
  customer: CustomerName,
  { registry, gold }: { registry: Relation; gold: Relation },
): Promise<number[]> {
  if (customer.kind === 'id') return [customer.id];
  const text = literal(customer.kind === 'key' ? customer.key : customer.text);
  const ids = async (select: string): Promise<number[]> =>
    (await session.rows(select)).map(({ customer_id }) => Number(customer_id));
  const keyed = await ids(`select customer_id from ${registry} where customer_key = ${text}`);
  if (keyed.length > 0 || customer.kind === 'key') return keyed;
  return ids(`select customer_id from ${gold} where email = ${text} order by customer_id`);
}

async function customerKeys(
  session: Session,
  customer: CustomerName,
  id: number | undefined,
  registry: Relation,
): Promise<string[]> {
  if (id !== undefined) {
    const rows = await session.rows(
      `select customer_key from ${registry} where customer_id = ${id} order by customer_key`,
    );
    return rows.flatMap(({ customer_key }) => customer_key ?? []);
  }
  return customer.kind === 'id' ? [] : [customer.kind === 'key' ? customer.key : customer.text];
}

/** Integers that the keys had before the registry was renumbered; older gold contains them. */
async function formerIds(
  session: Session,
  workspace: Workspace,
  question: CustomerQuestion,
  keys: readonly string[],
): Promise<number[]> {
  const files = question.keys.former ?? [];
  if (files.length === 0 || keys.length === 0) return [];
  const former = await storedRows(
    session,
    workspace,
    files.map(({ key }) => key),
    REGISTRY_COLUMNS,
  );
  const rows = await session.rows(
    `select distinct customer_id from ${former} where customer_key in (${keys.map(literal).join(', ')}) order by customer_id`,
  );
  return rows.map(({ customer_id }) => Number(customer_id));
}

/**
 * Rejected rows of live objects that name the customer. A file may also hold objects that are no
 * longer live.
 */
async function rejectedRows(
  session: Session,
  workspace: Workspace,
  { quarantine }: CustomerQuestion,
  naming: string,
): Promise<RefusedRow[]> {
  if (quarantine.length === 0) return [];
  const live = await openObjects(
    session,
    workspace,
    'rejected',
    QUARANTINE_COLUMNS,
    quarantine.map(({ key, file }) => ({ object: key, file })),
  );
  const rows = await session.rows(
    `select object_key, row_number, reasons, raw, purchase_id from ${live} where ${naming} order by object_key, row_number`,
  );
  return rows.map((row) => ({
    object_key: row['object_key'] ?? '',
    row_number: Number(row['row_number']),
    reasons: (row['reasons'] ?? '').split(','),
    raw: row['raw'] ?? null,
    purchase_id: row['purchase_id'] ?? null,
  }));
}
