import type { Session } from '../../src/engines/duckdb/session.ts';
import { readLedger } from '../../src/lake/ledger/ledger.ts';
import type { ObjectRecord } from '../../src/lake/ledger/records.ts';
import type { OracleOutput } from '../oracle/index.ts';
import { REASONS } from '../oracle/types.ts';
import type { ProductLake } from './product.ts';
import { GOLD_COLUMNS } from '../support/gold-rows.ts';
import { openViews } from '../support/lake-views.ts';
import { CLEANED_COLUMNS, names } from '../../src/medallion/layers.ts';

/** The content of a lake as lines of text that can be compared with the oracle's. */
export type Seen = {
  gold: string[];
  versions: string[];
  quarantine: string[];
  registry: string[];
  objects: Map<string, ObjectSeen>;
};

/**
 * One object: `status` is the reason why it is quarantined whole, or `read`. Outcomes are as of the
 * commit that read the object.
 */
export type ObjectSeen = { status: string; rows: string; reasons: string; repairs: string };

const VERSION_FIELDS: readonly string[] = [
  'key',
  'row_number',
  'source',
  'purchase_id',
  ...names(CLEANED_COLUMNS).filter((name) => !name.startsWith('updated_')),
  'updated_at',
  'rate',
  'rate_date',
  'amount_aud',
  'ingestion_date',
  'lines',
];
const COUNTS = ['read', 'accepted', 'duplicate', 'superseded', 'deleted', 'quarantined'] as const;

type Values = Readonly<Record<string, unknown>>;

const shown = (row: Values, fields: readonly string[]): string =>
  fields.map((field) => `${field}=${JSON.stringify(row[field] ?? null)}`).join(' ');
const counted = (counts: Readonly<Record<string, number>>): string =>
  Object.keys(counts)
    .toSorted()
    .map((name) => `${name}:${counts[name]}`)
    .join(' ');
const rowCounts = (rows: ObjectRecord['rows']): string =>
  COUNTS.map((name) => `${name}:${rows[name]}`).join(' ');

/** The oracle's answer. An object that is only reported is missing. */
export function seenByOracle(out: OracleOutput): Seen {
  return {
    gold: out.gold.map((row) => shown(row, GOLD_COLUMNS)),
    versions: out.versions
      .map((one) =>
        shown(
          {
            ...one,
            row_number: String(one.row_number),
            lines: String(one.lines),
            deletes: String(one.deletes),
          },
          VERSION_FIELDS,
        ),
      )
      .toSorted(),
    quarantine: out.quarantine
      .map(({ key, row_number, reasons }) => `${key} ${row_number} ${inOrder(reasons)}`)
      .toSorted(),
    registry: [...out.registry].map(([key, id]) => `${JSON.stringify(key)} ${id}`).toSorted(),
    objects: new Map(
      [...out.objects]
        .filter(([, { status }]) => status !== 'ignored')
        .map(([key, { reason, rows, reasons, repairs }]) => [
          key,
          {
            status: reason ?? 'read',
            rows: rowCounts(rows),
            reasons: counted(reasons),
            repairs: counted(repairs),
          },
        ]),
    ),
  };
}

const inOrder = (reasons: readonly string[]): string =>
  REASONS.filter((reason) => reasons.includes(reason)).join(',');

/** The product's answer: the views of the newest commit, and the ledger. */
export async function seenInLake(lake: ProductLake): Promise<Seen> {
  const ledger = await readLedger(lake.store);
  await using session = await openViews(lake);
  return {
    gold: await goldSeen(session),
    versions: await versionsSeen(session),
    quarantine: (
      await session.rows(
        'select object_key, row_number, reasons from quarantine where row_number is not null',
      )
    )
      .map(({ object_key, row_number, reasons }) => `${object_key} ${row_number} ${reasons}`)
      .toSorted(),
    registry: (await session.rows('select customer_key, customer_id from customer_keys'))
      .map(({ customer_key, customer_id }) => `${JSON.stringify(customer_key)} ${customer_id}`)
      .toSorted(),
    objects: new Map([...ledger.objects].map(([key, record]) => [key, objectSeen(record)])),
  };
}

const objectSeen = ({ refused, rows, reasons, repairs }: ObjectRecord): ObjectSeen => ({
  status: refused?.reason ?? 'read',
  rows: rowCounts(rows),
  reasons: counted(reasons),
  repairs: counted(repairs),
});

async function goldSeen(session: Session): Promise<string[]> {
  const rows = await session.rows('select * from gold order by customer_id');
  return rows.map((row) => shown(row, GOLD_COLUMNS));
}

async function versionsSeen(session: Session): Promise<string[]> {
  const rows = await session.rows('select * exclude (object_key), object_key as key from silver');
  return rows
    .map((row) => shown({ ...row, updated_at: updatedAt(row) }, VERSION_FIELDS))
    .toSorted();
}

function updatedAt(row: Readonly<Record<string, string | null>>): string | null {
  const micros = row['updated_micros'];
  if (micros === null || micros === undefined) return row['updated_number'] ?? null;
  const value = BigInt(micros);
  const seconds = (value - (((value % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n;
  const rest = value - seconds * 1_000_000n;
  const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${text}.${String(rest).padStart(6, '0')}Z`;
}
