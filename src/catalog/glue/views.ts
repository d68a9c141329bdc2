import { type Column, names, QUARANTINE_COLUMNS, SILVER_COLUMNS } from '../../medallion/layers.ts';
import { literal } from '../../medallion/sql/text.ts';
import { TABLES } from './tables.ts';

/** A view in Athena's SQL. */
export type LakeView = { name: string; about: string; sql: string; columns: readonly Column[] };

const DAY: Column = ['ingestion_date', 'date'];

/**
 * The views `customer_keys`, `silver` and `quarantine`, with the names and columns of a laptop's.
 * Files are never removed from a folder, so a row counts only if `objects`, which is switched to a
 * commit in one call, names both its object and its file.
 */
export function viewsOf(location: string): LakeView[] {
  const root = literal(`${location}/`);
  return [
    {
      name: 'customer_keys',
      about: 'The integer that each customer key was given',
      columns: [
        ['customer_key', 'string'],
        ['customer_id', 'int'],
      ],
      sql: `select c.customer_key, cast(c.customer_id as integer) as customer_id
from ${TABLES.keys.name} c
join ${TABLES.keyFiles.name} l on c."$path" = concat(${root}, l.file)`,
    },
    {
      name: 'silver',
      about: 'Purchase versions as of the newest commit, one row each',
      columns: [...SILVER_COLUMNS, DAY],
      sql: `select ${names(SILVER_COLUMNS).map(silverColumn).join(', ')}, s.ingestion_date
from ${TABLES.silver.name} s
join objects o on o.object_key = s.object_key and o.ingestion_date = s.ingestion_date
  and s."$path" = concat(${root}, o.silver_file)
left join customer_keys k on k.customer_key = s.customer_key`,
    },
    {
      name: 'quarantine',
      about: 'Refused rows and refused objects as of the newest commit',
      columns: [...QUARANTINE_COLUMNS, DAY],
      sql: `select ${names(QUARANTINE_COLUMNS)
        .map((name) => `q.${name}`)
        .join(', ')}, q.ingestion_date
from ${TABLES.quarantine.name} q
join objects o on o.object_key = q.object_key and o.ingestion_date = q.ingestion_date
  and q."$path" = concat(${root}, o.quarantine_file)
union all
select ${QUARANTINE_COLUMNS.map(refusedColumn).join(', ')}, ingestion_date
from objects
where refused is not null and refused <> 'too_many_refused'`,
    },
  ];
}

const silverColumn = (name: string): string =>
  name === 'customer_id' ? 'coalesce(s.customer_id, k.customer_id) as customer_id' : `s.${name}`;

const OF_OBJECT: Record<string, string> = {
  source: 'source',
  object_key: 'object_key',
  reasons: 'refused as reasons',
  raw: 'message as raw',
};
const TRINO: Record<string, string> = { string: 'varchar', int: 'integer' };

const refusedColumn = ([name, type]: Column): string =>
  OF_OBJECT[name] ?? `cast(null as ${TRINO[type] ?? type}) as ${name}`;
