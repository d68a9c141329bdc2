import {
  type FoundRow,
  SUPPLIED_FIELDS,
  type SuppliedField,
  type Others,
  purchaseName,
  type PurchaseVersion,
  type Wanted,
} from '../../../lake/ports/person-search.ts';
import { cleanedRows, type RowsContext } from '../../../medallion/bronze-to-silver.ts';
import { DISPLAY_NAME } from '../../../medallion/gold/silver-to-gold.ts';
import { duckdbDialect } from '../dialect.ts';
import type { BatchContext, BatchRows } from '../bronze/rows.ts';
import { allRates } from '../silver/rates.ts';
import { loadTable, type Relation } from '../relation.ts';
import { hasRows, type Session } from '../session.ts';

type Row = Record<string, string | null>;
type Found = { rows: FoundRow[]; others: Others };

/**
 * Finds the wanted rows of a batch. Each row is examined by itself, lines of a purchase as well,
 * with its own customer and with the owner, the customer that its purchase counts for. `wanted` is
 * called once for each distinct customer and for the few rows without a customer.
 */
export async function foundIn(
  { session, task }: BatchContext,
  { rows, context, records }: BatchRows,
  wanted: Wanted,
): Promise<Found> {
  const rules: RowsContext = { ...context, timeZone: task.timeZone };
  const source = context.source.name;
  let read = await readRows(session, rules, rows.all);
  if (await lacksOlderRates(session, read)) {
    await allRates(session, task.rates);
    read = await readRows(session, rules, rows.all);
  }
  const relations: Relations = { read, ...(await loadWanted(session, source, wanted, read)) };
  const mentions = await unattributedRows(session, source, wanted, read);
  const others = await othersIn(session, source, mentions, relations);
  const recordsByKey = new Map(records.map((record) => [record.key, record]));
  const statement = context.source.rows === 'lines' ? foundLines : foundRows;
  const named = (await session.rows(statement(relations))).map((row): FoundRow => {
    const record = recordsByKey.get(row['object_key'] ?? '');
    return foundRow(source, row, {
      ingestion_date: record?.ingestion_date ?? '',
      modified: record?.modified ?? 0,
    });
  });
  await session.run(`drop table ${read}`);
  return { rows: [...named, ...mentions], others };
}

/** Rows of a batch, and the customers and purchases among them that are wanted. */
type Relations = { read: Relation; names: Relation; purchases: Relation };

/** Reads the rows of a batch; a missing customer id or customer key is an empty text. */
async function readRows(session: Session, rules: RowsContext, rows: string): Promise<Relation> {
  const { source } = rules;
  const isLines = source.rows === 'lines';
  const cleaned = cleanedRows(
    duckdbDialect,
    { ...rules, source: { ...source, rows: 'purchases' } },
    `(${rows}) r`,
  );
  const owner = (column: string): string =>
    isLines
      ? `coalesce(first_value(${column} ignore nulls) over (partition by object_key, coalesce(v_purchase_id, 'row ' || row_number) order by row_number rows between unbounded preceding and unbounded following), ${column})`
      : column;
  // Lines of a purchase share one outcome: that of the joined purchase.
  const verdict = isLines
    ? `(select object_key as v_object, alone as v_alone, v_purchase_id as v_purchase, row_number as first_row, row_reasons as reasons, updated_number as number_of, updated_micros as micros_of, deletes as is_delete
  from (${cleanedRows(duckdbDialect, rules, `(${rows}) r`)}) p)`
    : undefined;
  const alone = 'case when malformed or v_purchase_id is null then row_number end';
  return session.table(
    'read_rows',
    `select object_key, row_number, malformed, raw, email, ${DISPLAY_NAME} as name, v_purchase_id as purchase_id,
  coalesce(cast(customer_id as varchar), '') as id, coalesce(customer_key, '') as key,
  coalesce(cast(${owner('customer_id')} as varchar), '') as owner_id, coalesce(${owner('customer_key')}, '') as owner_key,
  ${SUPPLIED_FIELDS.map((field) => `v_${field}`).join(', ')}, currency, purchase_date,
  ${verdict === undefined ? 'row_reasons as reasons, updated_number, updated_micros, deletes, row_number as first_row' : 'reasons, number_of as updated_number, micros_of as updated_micros, is_delete as deletes, first_row'}
from (${cleaned}) c ${verdict === undefined ? '' : `left join ${verdict} v on v.v_object = c.object_key and v.v_alone is not distinct from ${alone} and v.v_purchase is not distinct from c.v_purchase_id`}`,
  );
}

/** Returns true if a row lacks a rate and is older than the rates loaded in the session. */
const lacksOlderRates = (session: Session, read: Relation): Promise<boolean> =>
  hasRows(
    session,
    `${read} where contains(reasons, 'fx_rate_missing') and purchase_date < cast(getvariable('rates_since') as date)`,
  );

/** Loads the wanted customers and purchases of the batch. */
async function loadWanted(
  session: Session,
  source: string,
  wanted: Wanted,
  read: Relation,
): Promise<Omit<Relations, 'read'>> {
  const customers = await session.rows(
    `select id, key from ${read} union select owner_id, owner_key from ${read}`,
  );
  const orNull = (text: string | null | undefined): string | null =>
    text === '' || text === undefined ? null : text;
  const wantedCustomers = customers
    .filter(({ id, key }) => wanted.customer(orNull(id), orNull(key)))
    .map(({ id, key }) => ({ id: id ?? '', key: key ?? '' }));
  const names = await loadTable(
    session,
    'wanted_names',
    { id: 'varchar', key: 'varchar' },
    wantedCustomers,
  );
  const purchaseIds =
    wanted.moved === undefined
      ? []
      : await session.rows(
          `select distinct purchase_id from ${read} where purchase_id is not null and not malformed`,
        );
  const moved = purchaseIds
    .map(({ purchase_id }) => ({ purchase_id: purchase_id ?? '' }))
    .filter(({ purchase_id }) => wanted.moved?.(source, purchase_id));
  const columns = { purchase_id: 'varchar' } as const;
  return { names, purchases: await loadTable(session, 'wanted_purchases', columns, moved) };
}

/**
 * Window columns over the lines of a purchase: the first value of each field, and the first value
 * among the lines that do not name the wanted customer.
 */
const LINE_VALUES = SUPPLIED_FIELDS.map(
  (field) => `first_value(v_${field} ignore nulls) over purchase as first_${field},
  first_value(case when not is_named then v_${field} end ignore nulls) over purchase as rest_${field},
  min(case when v_${field} is not null then row_number end) over purchase as at_${field}`,
).join(',\n  ');
const fieldsGiven = SUPPLIED_FIELDS.map(
  (field) =>
    `row_number = at_${field} and first_${field} is distinct from rest_${field} as gives_${field}`,
).join(', ');

const marked = ({ read, names, purchases }: Relations): string => `(
  select t.*, n.id is not null as is_owned, own.id is not null as is_named, p.purchase_id is not null as is_moved
  from ${read} t
  left join ${names} n on n.id = t.owner_id and n.key = t.owner_key
  left join ${names} own on own.id = t.id and own.key = t.key
  left join ${purchases} p on p.purchase_id = t.purchase_id and not t.malformed
)`;
const IS_WANTED = 'where is_owned or is_named or is_moved order by object_key, row_number';
const foundRows = (relations: Relations): string =>
  `select * from ${marked(relations)} ${IS_WANTED}`;
const foundLines = (relations: Relations): string => `select *, ${fieldsGiven} from (
  select *, ${LINE_VALUES}
  from ${marked(relations)}
  window purchase as (partition by object_key, coalesce(purchase_id, 'row ' || row_number) order by row_number rows between unbounded preceding and unbounded following)
) ${IS_WANTED}`;

function foundRow(
  source: string,
  row: Row,
  object: { ingestion_date: string; modified: number },
): FoundRow {
  const is = (column: string): boolean => row[column] === 'true';
  const found = {
    object: row['object_key'] ?? '',
    row: Number(row['row_number']),
    rejected: row['reasons'] !== '',
  };
  const version: PurchaseVersion = {
    source,
    purchaseId: row['purchase_id'] ?? '',
    order: {
      updated_number: row['updated_number'] ?? null,
      updated_micros: row['updated_micros'] ?? null,
      ...object,
      key: found.object,
      row: Number(row['first_row'] ?? found.row),
    },
  };
  if (is('is_owned')) return { ...found, kind: 'named', ...(is('is_moved') ? { version } : {}) };
  if (is('is_moved')) {
    const owned = row['owner_id'] !== '' || row['owner_key'] !== '';
    const heals = row['reasons'] === 'fx_rate_missing';
    return { ...found, kind: 'version', version, owned, heals };
  }
  const given = SUPPLIED_FIELDS.filter((field: SuppliedField) => is(`gives_${field}`));
  return { ...found, kind: 'line', source, raw: row['raw'] ?? '', supplies: given };
}

type Unattributed = FoundRow & { kind: 'unattributed' };

async function unattributedRows(
  session: Session,
  source: string,
  wanted: Wanted,
  read: Relation,
): Promise<Unattributed[]> {
  const rows = await session.rows(
    `select object_key, row_number, malformed, raw, email, name, purchase_id, deletes, reasons from ${read} where malformed or (owner_id = '' and owner_key = '') order by object_key, row_number`,
  );
  return rows.flatMap((row): Unattributed[] => {
    const raw = row['raw'] ?? '';
    const purchaseId = row['purchase_id'] ?? null;
    const mention = wanted.unattributed(source, {
      malformed: row['malformed'] === 'true',
      raw,
      email: row['email'] ?? null,
      name: row['name'] ?? null,
      purchaseId,
    });
    if (mention === undefined) return [];
    const deletes = row['deletes'] === 'true' && purchaseId !== null ? { deletes: purchaseId } : {};
    return [
      {
        object: row['object_key'] ?? '',
        row: Number(row['row_number']),
        rejected: row['reasons'] !== '',
        kind: 'unattributed',
        source,
        raw,
        mention,
        ...deletes,
      },
    ];
  });
}

/** Mentioned addresses and deleted purchases that rows of other customers in the batch have. */
async function othersIn(
  session: Session,
  source: string,
  mentions: readonly Unattributed[],
  { read, names }: Relations,
): Promise<Others> {
  const emails = mentions.flatMap(({ mention }) => ('email' in mention ? [mention.email] : []));
  const deleted = mentions.flatMap(({ deletes }) => deletes ?? []);
  const others: Others = { emails: new Set(), purchases: new Set() };
  if (emails.length + deleted.length === 0) return others;
  const askedEmails = await loadTexts(session, 'asked_emails', emails);
  const askedPurchases = await loadTexts(session, 'asked_purchases', deleted);
  const among = `${read} t left join ${names} n on n.id = t.owner_id and n.key = t.owner_key
where (t.owner_id <> '' or t.owner_key <> '') and n.id is null and not t.malformed`;
  for (const { email } of await session.rows(
    `select distinct t.email from ${among} and t.email in (from ${askedEmails})`,
  ))
    others.emails.add(email ?? '');
  for (const { purchase_id } of await session.rows(
    `select distinct t.purchase_id from ${among} and t.purchase_id in (from ${askedPurchases})`,
  ))
    others.purchases.add(purchaseName(source, purchase_id ?? ''));
  return others;
}

/** Loads distinct texts as a table of one column, `text`. */
export const loadTexts = (
  session: Session,
  table: string,
  texts: readonly string[],
): Promise<Relation> =>
  loadTable(
    session,
    table,
    { text: 'varchar' },
    [...new Set(texts)].map((text) => ({ text })),
  );
