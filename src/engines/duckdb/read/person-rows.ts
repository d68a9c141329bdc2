import {
  type FoundRow,
  GIVEN_FIELDS,
  type GivenField,
  type Others,
  purchaseName,
  type PurchaseVersion,
  type Wanted,
} from '../../../lake/ports/person-search.ts';
import { cleanedRows, type RowsContext } from '../../../medallion/bronze-to-silver.ts';
import { DISPLAY_NAME } from '../../../medallion/silver-to-gold.ts';
import { duckdbDialect } from '../dialect.ts';
import type { BatchRows, BatchContext } from '../bronze/write-batch.ts';
import { allRates } from '../bronze/rates.ts';
import { hasRows, type Session } from '../session.ts';

type Row = Record<string, string | null>;
type Found = { rows: FoundRow[]; others: Others };

/**
 * Every row of a batch as a row of its own, lines of a purchase too, with the customer that it says
 * and, as owner, the one whom its purchase counts for. Only the caller knows who is wanted, so
 * distinct names go there, each once, and the few rows that name no customer.
 */
export async function foundIn(
  { session, task }: BatchContext,
  { rows, context, records }: BatchRows,
  wanted: Wanted,
): Promise<Found> {
  const rules: RowsContext = { ...context, timeZone: task.timeZone };
  const source = context.source.name;
  await readRows(session, rules, rows.all);
  if (await lacksOlderRates(session)) {
    await allRates(session, task.rates);
    await readRows(session, rules, rows.all);
  }
  await fillWanted(session, source, wanted);
  const mentions = await unattributedRows(session, source, wanted);
  const others = await othersIn(session, source, mentions);
  const places = new Map(records.map((record) => [record.key, record]));
  const statement = context.source.rows === 'lines' ? FOUND_LINES : FOUND;
  const named = (await session.rows(statement)).map((row): FoundRow => {
    const record = places.get(row['object_key'] ?? '');
    return foundRow(source, row, {
      ingestion_date: record?.ingestion_date ?? '',
      modified: record?.modified ?? 0,
    });
  });
  await session.run('drop table told');
  return { rows: [...named, ...mentions], others };
}

/** The table `told`. An absent half of a customer's name is an empty text. */
async function readRows(session: Session, rules: RowsContext, rows: string): Promise<void> {
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
  // The lines of a purchase share one fate, so theirs is that of the joined purchase.
  const verdict = isLines
    ? `(select object_key as v_object, alone as v_alone, v_purchase_id as v_purchase, row_number as first_row, row_reasons as reasons, updated_number as number_of, updated_micros as micros_of, deletes as is_delete
  from (${cleanedRows(duckdbDialect, rules, `(${rows}) r`)}) p)`
    : undefined;
  const alone = 'case when malformed or v_purchase_id is null then row_number end';
  await session.run(`create or replace temp table told as
select object_key, row_number, malformed, raw, email, ${DISPLAY_NAME} as name, v_purchase_id as purchase_id,
  coalesce(cast(customer_id as varchar), '') as id, coalesce(customer_key, '') as key,
  coalesce(cast(${owner('customer_id')} as varchar), '') as owner_id, coalesce(${owner('customer_key')}, '') as owner_key,
  ${GIVEN_FIELDS.map((field) => `v_${field}`).join(', ')}, currency, purchase_date,
  ${verdict === undefined ? 'row_reasons as reasons, updated_number, updated_micros, deletes, row_number as first_row' : 'reasons, number_of as updated_number, micros_of as updated_micros, is_delete as deletes, first_row'}
from (${cleaned}) c ${verdict === undefined ? '' : `left join ${verdict} v on v.v_object = c.object_key and v.v_alone is not distinct from ${alone} and v.v_purchase is not distinct from c.v_purchase_id`}`);
}

/** Whether a row lacks a rate only because the session holds those of the last years. */
const lacksOlderRates = (session: Session): Promise<boolean> =>
  hasRows(
    session,
    `told where contains(reasons, 'fx_rate_missing') and purchase_date < cast(getvariable('rates_since') as date)`,
  );

/** The tables `wanted_names` and `wanted_purchases`: those of the batch that are wanted. */
async function fillWanted(session: Session, source: string, wanted: Wanted): Promise<void> {
  const names = await session.rows(
    `select id, key from told union select owner_id, owner_key from told`,
  );
  const some = (text: string | null | undefined): string | null =>
    text === '' || text === undefined ? null : text;
  const hits = names.filter(({ id, key }) => wanted.customer(some(id), some(key)));
  await fill(session, 'wanted_names', ['id', 'key'], hits);
  const purchases =
    wanted.moved === undefined
      ? []
      : await session.rows(
          'select distinct purchase_id from told where purchase_id is not null and not malformed',
        );
  const gone = purchases.filter(({ purchase_id }) => wanted.moved?.(source, purchase_id ?? ''));
  await fill(session, 'wanted_purchases', ['purchase_id'], gone);
}

/**
 * Over the lines of a purchase: the first value of a field, and the first among lines that do not
 * name the wanted customer.
 */
const LINE_VALUES = GIVEN_FIELDS.map(
  (field) => `first_value(v_${field} ignore nulls) over purchase as first_${field},
  first_value(case when not named then v_${field} end ignore nulls) over purchase as rest_${field},
  min(case when v_${field} is not null then row_number end) over purchase as at_${field}`,
).join(',\n  ');
const fieldsGiven = GIVEN_FIELDS.map(
  (field) =>
    `row_number = at_${field} and first_${field} is distinct from rest_${field} as gives_${field}`,
).join(', ');

const MARKED = `(
  select t.*, n.id is not null as theirs, own.id is not null as named, p.purchase_id is not null as moved
  from told t
  left join wanted_names n on n.id = t.owner_id and n.key = t.owner_key
  left join wanted_names own on own.id = t.id and own.key = t.key
  left join wanted_purchases p on p.purchase_id = t.purchase_id and not t.malformed
)`;
const IS_WANTED = 'where theirs or named or moved order by object_key, row_number';
const FOUND = `select * from ${MARKED} ${IS_WANTED}`;
const FOUND_LINES = `select *, ${fieldsGiven} from (
  select *, ${LINE_VALUES}
  from ${MARKED}
  window purchase as (partition by object_key, coalesce(purchase_id, 'row ' || row_number) order by row_number rows between unbounded preceding and unbounded following)
) ${IS_WANTED}`;

function foundRow(
  source: string,
  row: Row,
  place: { ingestion_date: string; modified: number },
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
      ...place,
      key: found.object,
      row: Number(row['first_row'] ?? found.row),
    },
  };
  if (is('theirs')) return { ...found, kind: 'named', ...(is('moved') ? { version } : {}) };
  if (is('moved')) {
    const owned = row['owner_id'] !== '' || row['owner_key'] !== '';
    const heals = row['reasons'] === 'fx_rate_missing';
    return { ...found, kind: 'version', version, owned, heals };
  }
  const given = GIVEN_FIELDS.filter((field: GivenField) => is(`gives_${field}`));
  return { ...found, kind: 'line', source, raw: row['raw'] ?? '', gives: given };
}

type Unattributed = FoundRow & { kind: 'nobodys' };

async function unattributedRows(
  session: Session,
  source: string,
  wanted: Wanted,
): Promise<Unattributed[]> {
  const rows = await session.rows(
    `select object_key, row_number, malformed, raw, email, name, purchase_id, deletes, reasons from told where malformed or (owner_id = '' and owner_key = '') order by object_key, row_number`,
  );
  return rows.flatMap((row): Unattributed[] => {
    const raw = row['raw'] ?? '';
    const purchaseId = row['purchase_id'] ?? null;
    const mention = wanted.nobodys(source, {
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
        kind: 'nobodys',
        source,
        raw,
        mention,
        ...deletes,
      },
    ];
  });
}

/**
 * Which of the mentioned addresses and deleted purchases rows of other customers in the batch have.
 */
async function othersIn(
  session: Session,
  source: string,
  mentions: readonly Unattributed[],
): Promise<Others> {
  const emails = mentions.flatMap(({ mention }) => ('email' in mention ? [mention.email] : []));
  const deleted = mentions.flatMap(({ deletes }) => deletes ?? []);
  const others: Others = { emails: new Set(), purchases: new Set() };
  if (emails.length + deleted.length === 0) return others;
  await fillTexts(session, 'asked_emails', emails);
  await fillTexts(session, 'asked_purchases', deleted);
  const among = `told t left join wanted_names n on n.id = t.owner_id and n.key = t.owner_key
where (t.owner_id <> '' or t.owner_key <> '') and n.id is null and not t.malformed`;
  for (const { email } of await session.rows(
    `select distinct t.email from ${among} and t.email in (from asked_emails)`,
  ))
    others.emails.add(email ?? '');
  for (const { purchase_id } of await session.rows(
    `select distinct t.purchase_id from ${among} and t.purchase_id in (from asked_purchases)`,
  ))
    others.purchases.add(purchaseName(source, purchase_id ?? ''));
  return others;
}

export const fillTexts = (
  session: Session,
  table: string,
  texts: readonly string[],
): Promise<void> =>
  fill(
    session,
    table,
    ['text'],
    [...new Set(texts)].map((text) => ({ text })),
  );

/** A table of texts. Values go through the appender, never into a statement. */
export async function fill(
  session: Session,
  table: string,
  columns: readonly string[],
  rows: readonly Row[],
): Promise<void> {
  const types = columns.map((column) => `${column} varchar`);
  await session.run(`create or replace temp table ${table} (${types.join(', ')})`);
  const appender = await session.connection.createAppender(table);
  for (const row of rows) {
    for (const column of columns) appender.appendVarchar(row[column] ?? '');
    appender.endRow();
  }
  appender.closeSync();
}
