/** One thing that the catalog says of a serving table; `name` is empty for the table itself. */
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
  /** A column's type, an index's columns, a constraint's definition, what a table is. */
  what: string;
  /** A column takes NULL; an index can be relied on. */
  flag: boolean;
  /** A column's default. */
  given: string | null;
  /** Whether the value is made by the database itself: `always`, or unless one is given. */
  made: 'always' | 'default' | null;
  /** What else is out of the ordinary, in words; empty where nothing is. */
  odd: string;
};

/** What a column must be able to hold. */
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
  /** Made by a migration in a table that was there before. */
  added?: true;
  /** Loads give no value, so that the database must. */
  unset?: true;
};

export type Table = { name: string; columns: readonly Column[]; key?: string };

const MAIN = 'customer_purchase_summary';
const SIX: readonly Column[] = [
  { name: 'customer_id', kind: 'id' },
  { name: 'full_name', kind: 'text', takesNull: true },
  { name: 'email', kind: 'text', takesNull: true },
  { name: 'total_spent_aud', kind: 'total', takesNull: true },
  { name: 'first_purchase_date', kind: 'date', takesNull: true },
  { name: 'last_purchase_date', kind: 'date', takesNull: true },
];

/** The tables as the migrations of every version leave them, by what matters to what is written. */
export const TABLES: readonly Table[] = [
  {
    name: MAIN,
    columns: [...SIX, { name: 'updated_at', kind: 'time', added: true, unset: true }],
    key: 'customer_id',
  },
  {
    name: `${MAIN}_staging`,
    columns: [
      ...SIX,
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

/**
 * A difference, and the statement that takes it away; undefined where nothing but another table
 * helps.
 */
export type Difference = { table: string; what: string; fix: string | undefined; column: boolean };

/** What differs between databases in reading and mending a table. */
export type ShapeDialect = {
  /**
   * Eight columns a row: table, kind, name, what, flag (1 or 0), default, made, odd. Binds nothing.
   */
  facts: string;
  /** Whether a column of that type holds every value of the kind, and gives it back as it was. */
  holds(kind: Kind, type: string): boolean;
  /** The type that the migrations give. */
  types: Record<Kind, string>;
  /** Sets a column's type again and lets it be NULL, or not. */
  retype(table: string, column: string, type: string): string;
  allowNull(table: string, column: string, type: string): string;
  addColumn(table: string, column: string, type: string): string;
  addKey(table: string, column: string): string;
  drop(fact: Fact): string;
  /**
   * Whether the constraint is one that the migrations make, or says nothing of a value that is
   * written.
   */
  isMade(fact: Fact): boolean;
  /** What else of a table must be so. */
  also?(table: string, facts: readonly Fact[]): Difference[];
};
