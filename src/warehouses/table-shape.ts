import { SERVING_COLUMNS, type ServingColumn } from '../medallion/gold/serving-columns.ts';

/** One fact of the catalog about a serving table; `name` is empty for the table itself. */
export type Fact = {
  table: string;
  kind:
    | 'table'
    | 'column'
    | 'unique'
    | 'check'
    | 'foreign key'
    | 'exclusion'
    | 'trigger'
    | 'rule'
    | 'index';
  name: string;
  /** A column's type, an index's columns, a constraint's definition, or the kind of a table. */
  what: string;
  /** A column accepts NULL; an index is reliable. */
  flag: boolean;
  /** A column's default. */
  defaultValue: string | null;
  /** Set if the database generates the value: `always`, or `default` if none is given. */
  generated: 'always' | 'default' | null;
  /** Any other deviation, in words; empty if there is none. */
  odd: string;
};

/** The values that a column must be able to hold. */
export type Kind =
  | 'id'
  | 'text'
  | 'total'
  | 'date'
  | 'time'
  | 'serial'
  | 'count'
  | 'word'
  | 'operation';

export type Column = {
  name: string;
  kind: Kind;
  /** Loads leave it NULL where gold has no value. */
  takesNull?: true;
  /** Added by a migration to a table that already existed. */
  added?: true;
  /** Loads set no value, so the database must. */
  unset?: true;
};

export type Table = { name: string; columns: readonly Column[]; key?: string };

const MAIN = 'customer_purchase_summary';
const KINDS: Record<ServingColumn, Kind> = {
  customer_id: 'id',
  full_name: 'text',
  email: 'text',
  total_spent_aud: 'total',
  first_purchase_date: 'date',
  last_purchase_date: 'date',
};
const SERVING: readonly Column[] = SERVING_COLUMNS.map((name) =>
  name === 'customer_id'
    ? { name, kind: KINDS[name] }
    : { name, kind: KINDS[name], takesNull: true },
);

/** The tables as the migrations of every version leave them, as far as it affects written rows. */
export const TABLES: readonly Table[] = [
  {
    name: MAIN,
    columns: [...SERVING, { name: 'updated_at', kind: 'time', added: true, unset: true }],
    key: 'customer_id',
  },
  {
    name: `${MAIN}_staging`,
    columns: [
      ...SERVING,
      { name: 'staged_id', kind: 'serial', added: true, unset: true },
      { name: 'load_id', kind: 'word', added: true, takesNull: true },
      { name: 'operation', kind: 'operation', added: true, unset: true },
    ],
  },
  {
    name: 'customer_purchase_sync_state',
    columns: [
      { name: 'lake', kind: 'word', takesNull: true },
      { name: 'seq', kind: 'count', takesNull: true },
      { name: 'commit', kind: 'word', takesNull: true },
      { name: 'synced_at', kind: 'time', takesNull: true },
    ],
  },
  {
    name: 'customer_purchase_migrations',
    columns: [
      { name: 'number', kind: 'count' },
      { name: 'name', kind: 'word' },
      { name: 'checksum', kind: 'word' },
    ],
  },
];

/** A difference, and the statement that removes it; undefined if only another table helps. */
export type Difference = { table: string; what: string; fix: string | undefined; column: boolean };

/** The statements with which each database reads and repairs a table. */
export type ShapeDialect = {
  /**
   * Eight columns per row: table, kind, name, what, flag (1 or 0), default, generated, odd. Binds
   * nothing.
   */
  facts: string;
  /** True if a column of that type holds every value of the kind, and returns it unchanged. */
  holds(kind: Kind, type: string): boolean;
  /** The types of the migrations. */
  types: Record<Kind, string>;
  /** Sets a column's type again, and whether it accepts NULL. */
  retype(table: string, column: string, type: string): string;
  allowNull(table: string, column: string, type: string): string;
  addColumn(table: string, column: string, type: string): string;
  addKey(table: string, column: string): string;
  drop(fact: Fact): string;
  /** True if the constraint is one of the migrations', or does not concern written values. */
  isKnown(fact: Fact): boolean;
  /** Further requirements of a table. */
  otherDifferences?(table: string, facts: readonly Fact[]): Difference[];
};
