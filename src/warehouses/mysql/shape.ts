import type { Fact, Kind, ShapeDialect } from '../table-shape.ts';

const STAGING = 'customer_purchase_summary_staging';
const NAMES = `('customer_purchase_summary', '${STAGING}', 'customer_purchase_sync_state', 'customer_purchase_migrations')`;

/** Reads only the current schema; triggers are visible only to a role that may create them. */
const FACTS = `
SELECT table_name, 'table', '', table_type, '1', NULL, NULL,
  CASE
    WHEN table_type <> 'BASE TABLE' THEN CONCAT('no plain table but a ', LOWER(table_type))
    WHEN engine <> 'InnoDB' THEN CONCAT('kept by ', engine, ', which knows no transactions (ALTER TABLE ', table_name, ' ENGINE = InnoDB)')
    WHEN create_options LIKE '%partitioned%' THEN 'a partitioned table'
    ELSE ''
  END
FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_name IN ${NAMES}
UNION ALL
SELECT table_name, 'column', column_name, column_type, IF(is_nullable = 'YES', '1', '0'),
  NULLIF(column_default, 'NULL'),
  CASE
    WHEN extra LIKE '%auto_increment%' THEN 'default'
    WHEN COALESCE(generation_expression, '') <> '' THEN 'always'
  END,
  IF(character_set_name IS NULL OR character_set_name = 'utf8mb4', '', CONCAT(column_type, ' of ', character_set_name))
FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name IN ${NAMES}
UNION ALL
SELECT table_name, 'unique', index_name,
  GROUP_CONCAT(IF(sub_part IS NULL, COALESCE(column_name, 'value of an expression'), CONCAT('the beginning of ', column_name)) ORDER BY seq_in_index),
  '1', NULL, NULL, ''
FROM information_schema.statistics
WHERE table_schema = DATABASE() AND table_name IN ${NAMES} AND non_unique = 0
GROUP BY table_name, index_name
UNION ALL
SELECT constraints.table_name, LOWER(constraint_type), constraints.constraint_name, COALESCE(check_clause, ''), '1', NULL, NULL, ''
FROM information_schema.table_constraints AS constraints
LEFT JOIN information_schema.check_constraints AS checks
  ON constraint_type = 'CHECK'
  AND checks.constraint_schema = constraints.constraint_schema
  AND checks.constraint_name = constraints.constraint_name
  /*M! AND checks.table_name = constraints.table_name */
WHERE constraints.table_schema = DATABASE() AND constraints.table_name IN ${NAMES}
  AND constraint_type IN ('CHECK', 'FOREIGN KEY')
UNION ALL
SELECT event_object_table, 'trigger', trigger_name, '', '1', NULL, NULL, ''
FROM information_schema.triggers
WHERE event_object_schema = DATABASE() AND event_object_table IN ${NAMES}
UNION ALL
SELECT table_name, 'index', index_name, GROUP_CONCAT(column_name ORDER BY seq_in_index), '1', NULL, NULL, ''
FROM information_schema.statistics
WHERE table_schema = DATABASE() AND table_name = '${STAGING}' AND index_name = '${STAGING}_load'
GROUP BY table_name, index_name`;

const TYPES: Record<Kind, string> = {
  id: 'int',
  text: 'varchar(255)',
  total: 'decimal(18,2)',
  date: 'date',
  time: 'timestamp(6)',
  serial: 'bigint unsigned',
  count: 'bigint',
  word: 'varchar(255)',
  operation: 'varchar(6)',
};

function holds(kind: Kind, type: string): boolean {
  const [, precision, scale] = /^decimal\((\d+),(\d+)\)$/.exec(type) ?? [];
  const isWhole = /^(?:int|bigint)(?:\(\d+\))?$/.test(type);
  const isDecimal = Number(precision ?? 0) >= 10 && scale === '0';
  const isText = /^(?:text|mediumtext|longtext)$/.test(type);
  const length = Number(/^varchar\((\d+)\)$/.exec(type)?.[1] ?? 0);
  const fixed = Number(/^char\((\d+)\)$/.exec(type)?.[1] ?? 0);
  switch (kind) {
    case 'id':
    case 'count':
      return isWhole || isDecimal;
    case 'serial':
      return /^(?:int|bigint)(?:\(\d+\))?(?: unsigned)?$/.test(type);
    case 'total':
      return scale === '2' && Number(precision) >= 18;
    case 'text':
      return isText || length >= 255;
    case 'word':
      return isText || length >= 64 || fixed >= 64;
    case 'operation':
      return isText || length >= 6;
    case 'time':
      return /^(?:timestamp|datetime)(?:\(\d\))?$/.test(type);
    case 'date':
      return type === TYPES[kind];
  }
}

/** True for the checks of the migrations, and for those that MariaDB adds to a JSON column. */
function isKnown({ kind, table, name, what }: Fact): boolean {
  if (kind !== 'check') return false;
  if (table === 'customer_purchase_sync_state') return /only_row/.test(what);
  if (table === STAGING && /^\(?`?operation`? in \(.*upsert.*delete[^,]*\)\)?$/.test(what))
    return true;
  return /^json_valid\(`[^`]+`\)$/.test(what) && what.includes(name);
}

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

function drop({ kind, table, name }: Fact): string {
  if (kind === 'trigger') return `DROP TRIGGER ${quoted(name)}`;
  if (kind === 'foreign key') return `ALTER TABLE ${table} DROP FOREIGN KEY ${quoted(name)}`;
  if (kind === 'unique')
    return name === 'PRIMARY'
      ? `ALTER TABLE ${table} DROP PRIMARY KEY`
      : `ALTER TABLE ${table} DROP INDEX ${quoted(name)}`;
  return `ALTER TABLE ${table} DROP CONSTRAINT ${quoted(name)}`;
}

const ENDS: Record<string, string> = {
  updated_at: ' NOT NULL DEFAULT CURRENT_TIMESTAMP(6)',
  staged_id: ' NOT NULL AUTO_INCREMENT',
  operation: " NOT NULL DEFAULT 'upsert'",
};
const UTF8 = ' CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';
const written = (column: string, type: string): string =>
  `${column} ${type}${/char|text/.test(type) ? UTF8 : ''}${ENDS[column] ?? (column === 'customer_id' ? ' NOT NULL' : ' NULL')}`;

/** The serving tables of MySQL and MariaDB. */
export const mysqlShape: ShapeDialect = {
  facts: FACTS,
  holds,
  types: TYPES,
  retype: (table, column, type) => `ALTER TABLE ${table} MODIFY COLUMN ${written(column, type)}`,
  allowNull: (table, column, type) =>
    `ALTER TABLE ${table} MODIFY COLUMN ${quoted(column)} ${type} NULL`,
  addColumn: (table, column, type) =>
    `ALTER TABLE ${table} ADD COLUMN ${written(column, type)}${column === 'staged_id' ? ' UNIQUE' : ''}`,
  addKey: (table, column) => `ALTER TABLE ${table} ADD PRIMARY KEY (${column})`,
  drop,
  isKnown,
  otherDifferences: (table, facts) => {
    if (table !== STAGING) return [];
    const hasIndex = facts.some(
      (fact) => fact.kind === 'index' && fact.what === 'load_id,customer_id',
    );
    if (hasIndex) return [];
    return [
      {
        table,
        what: `index ${STAGING}_load on (load_id, customer_id) is missing`,
        fix: `ALTER TABLE ${STAGING} ADD INDEX ${STAGING}_load (load_id, customer_id)`,
        column: false,
      },
    ];
  },
};
