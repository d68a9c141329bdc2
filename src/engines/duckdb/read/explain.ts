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
} from '../../../medallion/explain.ts';
import { GOLD_COLUMNS } from '../../../medallion/layers.ts';
import { literal } from '../../../medallion/sql/text.ts';
import { mustNotCollide } from '../gold/customer-keys.ts';
import { openVersions } from '../gold/live-versions.ts';
import { parquet } from '../files.ts';
import { openSession, type Session } from '../session.ts';

/**
 * Reads what the live files say of one customer; of a big lake only the rows of that customer's
 * purchases. Error: `CustomerIdsCollide`.
 */
export async function customerFacts(
  workspace: Workspace,
  question: CustomerQuestion,
  memoryLimit: string,
): Promise<CustomerFacts> {
  await using session = await openSession({ ...workspace, memoryLimit });
  await openVersions(session, workspace, question);
  await openGold(session, workspace, question);
  const ids = await customerIds(session, question.customer);
  // Of a lake that already counts two people as one, neither is told as if it were the other.
  if (ids.length > 0)
    await mustNotCollide(session, 'versions_read', `customer_id in (${ids.join(', ')})`);
  const [id] = ids;
  const keys = await customerKeys(session, question.customer, id);
  const naming = namesCustomer(id, keys);
  const former = await formerIds(session, workspace, question, keys);
  const facts = { ids, keys, previousIds: former, gold: undefined, history: [] };
  const refused = await refusedRows(session, workspace, question, naming);
  if (id === undefined || ids.length > 1) return { ...facts, refused };
  // The condition meets the stored columns, not the looked-up ones, so that Parquet's own
  // statistics can rule row groups out.
  await session.run(`create temp table purchases as ${purchasesNaming('versions_read', naming)}`);
  await session.run(`create temp table theirs as ${versionsOf('versions', 'purchases')}`);
  const [gold] = await session.rows(`select * from gold where customer_id = ${id}`);
  return {
    ...facts,
    refused,
    gold: gold as GoldRow | undefined,
    history: (await session.rows(history('theirs'))) as HistoryRow[],
  };
}

async function openGold(
  session: Session,
  workspace: Workspace,
  { gold }: CustomerQuestion,
): Promise<void> {
  const columns = GOLD_COLUMNS.map(([name, type]) => `cast(null as ${type}) as ${name}`);
  const paths = await Promise.all(
    gold.map(({ key }) => workspace.store.local(key, workspace.scratch)),
  );
  await session.run(
    `create temp view gold as ${paths.length === 0 ? `select ${columns.join(', ')} where false` : `select * from ${parquet(session, paths)}`}`,
  );
}

/**
 * The integers that the name stands for; a text is a customer key first, and an e-mail address
 * where it is none.
 */
async function customerIds(session: Session, customer: CustomerName): Promise<number[]> {
  if (customer.kind === 'id') return [customer.id];
  const text = literal(customer.kind === 'key' ? customer.key : customer.text);
  const ids = async (select: string): Promise<number[]> =>
    (await session.rows(select)).map(({ customer_id }) => Number(customer_id));
  const keyed = await ids(`select customer_id from customer_keys where customer_key = ${text}`);
  if (keyed.length > 0 || customer.kind === 'key') return keyed;
  return ids(`select customer_id from gold where email = ${text} order by customer_id`);
}

async function customerKeys(
  session: Session,
  customer: CustomerName,
  id: number | undefined,
): Promise<string[]> {
  if (id !== undefined) {
    const rows = await session.rows(
      `select customer_key from customer_keys where customer_id = ${id} order by customer_key`,
    );
    return rows.flatMap(({ customer_key }) => customer_key ?? []);
  }
  return customer.kind === 'id' ? [] : [customer.kind === 'key' ? customer.key : customer.text];
}

/**
 * Integers that the keys had before the registry was renumbered: older gold knows the customer by
 * them.
 */
async function formerIds(
  session: Session,
  workspace: Workspace,
  question: CustomerQuestion,
  keys: readonly string[],
): Promise<number[]> {
  const files = question.keys.former ?? [];
  if (files.length === 0 || keys.length === 0) return [];
  const paths = await Promise.all(
    files.map(({ key }) => workspace.store.local(key, workspace.scratch)),
  );
  const rows = await session.rows(
    `select distinct customer_id from ${parquet(session, paths)} where customer_key in (${keys.map(literal).join(', ')}) order by customer_id`,
  );
  return rows.map(({ customer_id }) => Number(customer_id));
}

/**
 * Refused rows of live objects that name the customer: a file may hold objects that are live no
 * more.
 */
async function refusedRows(
  session: Session,
  workspace: Workspace,
  { quarantine }: CustomerQuestion,
  naming: string,
): Promise<RefusedRow[]> {
  if (quarantine.length === 0) return [];
  await session.run('create temp table held (object_key varchar, path varchar)');
  const appender = await session.connection.createAppender('held');
  const paths = new Set<string>();
  for (const { key, file } of quarantine) {
    const path = session.file(await workspace.store.local(file, workspace.scratch));
    paths.add(path);
    appender.appendVarchar(key);
    appender.appendVarchar(path);
    appender.endRow();
  }
  appender.closeSync();
  const rows =
    await session.rows(`select q.object_key, q.row_number, q.reasons, q.raw, q.purchase_id
from (select * from ${parquet(session, [...paths], { filename: true })} where ${naming}) q
join held h on h.object_key = q.object_key and h.path = q.filename order by q.object_key, q.row_number`);
  return rows.map((row) => ({
    object_key: row['object_key'] ?? '',
    row_number: Number(row['row_number']),
    reasons: (row['reasons'] ?? '').split(','),
    raw: row['raw'] ?? null,
    purchase_id: row['purchase_id'] ?? null,
  }));
}
