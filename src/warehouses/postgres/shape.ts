import type { Fact, Kind, ShapeDialect } from '../table-shape.ts';

/** The schema in which the following statements resolve the names: the first of the search path. */
const OURS = `
WITH ours AS (
  SELECT name, to_regclass(name)::oid AS oid
  FROM unnest(ARRAY['customer_purchase_summary', 'customer_purchase_summary_staging',
    'customer_purchase_sync_state', 'customer_purchase_migrations']) AS name
  WHERE to_regclass(name) IS NOT NULL
)`;

const FACTS = `${OURS}
SELECT name, 'table', '', relkind::text, '1', NULL, NULL,
  CASE
    WHEN relkind = 'v' THEN 'a view'
    WHEN relkind = 'm' THEN 'a materialized view'
    WHEN relkind = 'f' THEN 'a foreign table'
    WHEN relkind = 'p' THEN 'a partitioned table'
    WHEN relkind <> 'r' THEN 'no table'
    WHEN relpersistence = 't' THEN 'a temporary table'
    WHEN EXISTS (SELECT FROM pg_inherits WHERE inhparent = ours.oid) THEN 'the parent of other tables'
    -- Even its owner's own reads go by a role that may only read.
    WHEN relrowsecurity OR relforcerowsecurity THEN 'under row-level security, which hides rows (ALTER TABLE ' || name || ' DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY)'
    ELSE ''
  END
FROM ours JOIN pg_class ON pg_class.oid = ours.oid
UNION ALL
SELECT ours.name, 'column', attname, format_type(atttypid, atttypmod),
  (NOT attnotnull AND NOT typnotnull)::int::text, pg_get_expr(adbin, adrelid),
  CASE WHEN attidentity = 'd' THEN 'default' WHEN attidentity = 'a' OR attgenerated <> '' THEN 'always' END,
  CASE WHEN collisdeterministic IS FALSE THEN 'compared by a nondeterministic collation' ELSE '' END
FROM ours
JOIN pg_attribute ON attrelid = ours.oid AND attnum > 0 AND NOT attisdropped
JOIN pg_type ON pg_type.oid = atttypid
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
LEFT JOIN (SELECT oid AS collation_oid, collisdeterministic FROM pg_collation) AS collations
  ON collation_oid = attcollation
UNION ALL
SELECT ours.name, 'unique', quote_ident(made.relname),
  (SELECT string_agg(coalesce(attname, 'value of an expression'), ',' ORDER BY place)
   FROM unnest(indkey) WITH ORDINALITY AS keys (number, place)
   LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = number AND number <> 0
   WHERE place <= indnkeyatts),
  (indisvalid AND indisready AND indislive AND indimmediate AND indpred IS NULL)::int::text,
  NULL, NULL,
  CASE WHEN EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND conrelid = indrelid) THEN 'a constraint' ELSE '' END
FROM ours
JOIN pg_index ON indrelid = ours.oid AND indisunique
JOIN pg_class AS made ON made.oid = indexrelid
UNION ALL
SELECT ours.name, CASE contype WHEN 'c' THEN 'check' WHEN 'f' THEN 'foreign key' ELSE 'exclusion' END,
  quote_ident(conname), pg_get_constraintdef(pg_constraint.oid), '1', NULL, NULL, ''
FROM ours JOIN pg_constraint ON conrelid = ours.oid AND contype IN ('c', 'f', 'x')
UNION ALL
SELECT ours.name, 'trigger', quote_ident(tgname), '', '1', NULL, NULL, ''
FROM ours JOIN pg_trigger ON tgrelid = ours.oid AND NOT tgisinternal AND tgenabled IN ('O', 'A')
UNION ALL
SELECT ours.name, 'rule', quote_ident(rulename), '', '1', NULL, NULL, ''
FROM ours JOIN pg_rewrite ON ev_class = ours.oid AND rulename <> '_RETURN' AND ev_enabled IN ('O', 'A')`;

const TYPES: Record<Kind, string> = {
  id: 'integer',
  text: 'character varying(255)',
  total: 'numeric(18,2)',
  date: 'date',
  time: 'timestamp with time zone',
  serial: 'bigint',
  count: 'bigint',
  word: 'text',
  operation: 'text',
};

/** Returns precision and scale of a numeric; undefined for another type, or an unlimited one. */
function numeric(type: string): [precision: number, scale: number] | undefined {
  const [, precision, scale] = /^numeric\((\d+),(-?\d+)\)$/.exec(type) ?? [];
  return precision === undefined ? undefined : [Number(precision), Number(scale)];
}

function holds(kind: Kind, type: string): boolean {
  const [precision = 0, scale = -1] = numeric(type) ?? [];
  const length = Number(/^character varying\((\d+)\)$/.exec(type)?.[1] ?? 0);
  const isText = type === 'text' || type === 'character varying';
  const isWhole = type === 'integer' || type === 'bigint';
  switch (kind) {
    case 'id':
    case 'count':
      return isWhole || type === 'numeric' || (scale === 0 && precision >= 10);
    case 'serial':
      return isWhole;
    case 'total':
      // More decimals would be printed as additional zeros, which gold does not have.
      return type === 'numeric' || (scale === 2 && precision >= 18);
    case 'text':
      return isText || length >= 255;
    case 'word':
      return isText || length >= 64;
    case 'operation':
      return isText || length >= 6;
    case 'time':
      return /^timestamp(?:\(\d\))? with(?:out)? time zone$/.test(type);
    case 'date':
      return type === TYPES[kind];
  }
}

const MADE_CHECKS: Record<string, RegExp> = {
  customer_purchase_summary_staging:
    /^CHECK \(\(operation = ANY \(ARRAY\['upsert'::text, 'delete'::text\]\)\)\)/,
  customer_purchase_sync_state:
    /^CHECK \((?:only_row|\(num_nulls\(lake, seq, commit\) = ANY \(ARRAY\[0, 3\]\)\))\)/,
};

const isKnown = ({ kind, table, what }: Fact): boolean =>
  kind === 'check' && MADE_CHECKS[table]?.test(what) === true;

function drop({ kind, table, name, odd }: Fact): string {
  if (kind === 'trigger' || kind === 'rule')
    return `DROP ${kind.toUpperCase()} ${name} ON ${table}`;
  if (kind === 'unique' && odd === '') return `DROP INDEX ${name}`;
  return `ALTER TABLE ${table} DROP CONSTRAINT ${name}`;
}

const LOAD_ID = "NULLIF(current_setting('customer_purchase.load_id', true), '')";

/** The serving tables of PostgreSQL and PGlite. */
export const postgresShape: ShapeDialect = {
  facts: FACTS,
  holds,
  types: TYPES,
  retype: (table, column, type) =>
    `ALTER TABLE ${table} ALTER COLUMN ${column} TYPE ${type}${/char|text/.test(type) ? ' COLLATE "default"' : ''} USING ${column}::${type}${column === 'updated_at' ? `, ALTER COLUMN ${column} SET DEFAULT now()` : ''}`,
  allowNull: (table, column) => `ALTER TABLE ${table} ALTER COLUMN ${column} DROP NOT NULL`,
  addColumn: (table, column, type) =>
    `ALTER TABLE ${table} ADD COLUMN ${column} ${type}${column === 'updated_at' ? ' NOT NULL DEFAULT now()' : ''}${column === 'staged_id' ? ' GENERATED ALWAYS AS IDENTITY' : ''}${column === 'operation' ? " NOT NULL DEFAULT 'upsert'" : ''}${column === 'load_id' ? ` DEFAULT ${LOAD_ID}` : ''}`,
  addKey: (table, column) => `ALTER TABLE ${table} ADD PRIMARY KEY (${column})`,
  drop,
  isKnown,
  otherDifferences: (table, facts) => {
    if (table !== 'customer_purchase_summary_staging') return [];
    // COPY accepts no constant: without this default the rows of a load would belong to none.
    const loadId = facts.find(({ kind, name }) => kind === 'column' && name === 'load_id');
    if (loadId?.defaultValue?.includes('customer_purchase.load_id') === true) return [];
    return [
      {
        table,
        what: 'column load_id does not take the name of the load by default',
        fix: `ALTER TABLE ${table} ALTER COLUMN load_id SET DEFAULT ${LOAD_ID}`,
        column: false,
      },
    ];
  },
};
