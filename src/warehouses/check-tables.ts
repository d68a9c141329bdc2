import { WarehouseSchema } from '../errors.ts';
import type { Sql } from './sql.ts';
import {
  type Column,
  type Difference,
  type Fact,
  type ShapeDialect,
  type Table,
  TABLES,
} from './table-shape.ts';

export type Extent =
  /** The migrations are still to come: what they add may be missing. */
  | 'before'
  /** All of it. */
  | 'whole'
  /** The columns alone, for a transaction that is about to write them. */
  | 'columns';

/**
 * Refuses tables that could change or refuse what is written to them: other types, lengths and keys
 * than the migrations make, and constraints, triggers and rules that they do not. Wider types, more
 * columns and more indexes are let be. One query of the catalog. Error: `WarehouseSchema`, with the
 * statements that help.
 */
export async function mustFit(sql: Sql, dialect: ShapeDialect, extent: Extent): Promise<void> {
  const facts = (await sql.query(dialect.facts)).rows.map(factOf);
  const all = TABLES.flatMap((table) => differences(dialect, table, facts, extent));
  const found = extent === 'columns' ? all.filter(({ column }) => column) : all;
  const [first] = found;
  if (first === undefined) return;
  const fixes = found.flatMap(({ fix }) => (fix === undefined ? [] : [`  ${fix};`]));
  const change =
    fixes.length === found.length
      ? `Make it so that it can:\n${fixes.join('\n')}\nOr move`
      : 'Move';
  throw new WarehouseSchema(
    `The table ${first.table} cannot serve gold as it is: ${found.map(({ table, what }) => (table === first.table ? what : `of ${table}, ${what}`)).join('; ')}. Nothing was written.`,
    {
      hint: `${change} ${first.table === 'customer_purchase_summary' ? `the table (ALTER TABLE customer_purchase_summary RENAME TO …)` : 'it'} out of the way, so that a new one is made and filled (docs/serving-databases.md, "Tables that were there before"). Then make the rows equal to gold: purchases repair, or adopt.`,
    },
  );
}

function factOf(row: readonly (string | null)[]): Fact {
  const [table, kind, name, what, flag, given, made, odd] = row;
  return {
    table: table ?? '',
    kind: kind as Fact['kind'],
    name: name ?? '',
    what: what ?? '',
    flag: flag === '1',
    given: given ?? null,
    made: made === 'always' || made === 'default' ? made : null,
    odd: odd ?? '',
  };
}

function differences(
  dialect: ShapeDialect,
  table: Table,
  all: readonly Fact[],
  extent: Extent,
): Difference[] {
  const facts = all.filter((fact) => fact.table === table.name);
  const [itself] = facts.filter(({ kind }) => kind === 'table');
  if (itself === undefined) return extent === 'before' ? [] : [missingTable(table)];
  if (itself.odd !== '') return [difference(table, `it is ${itself.odd}`, undefined)];
  return [
    ...table.columns.flatMap((column) => columnDifferences(dialect, table, column, facts, extent)),
    ...strangeColumns(dialect, table, facts),
    ...keyDifferences(dialect, table, facts),
    ...constraintDifferences(dialect, table, facts),
    ...(extent === 'whole' ? (dialect.also?.(table.name, facts) ?? []) : []),
  ];
}

const difference = (
  { name }: Table,
  what: string,
  fix: string | undefined,
  column = false,
): Difference => ({ table: name, what, fix, column });

const missingTable = (table: Table): Difference =>
  difference(table, 'it is not there, though migrations say that they made it', undefined, true);

function columnDifferences(
  dialect: ShapeDialect,
  table: Table,
  { name, kind, takesNull, added, unset }: Column,
  facts: readonly Fact[],
  extent: Extent,
): Difference[] {
  const type = dialect.types[kind];
  const found = facts.find((fact) => fact.kind === 'column' && fact.name === name);
  if (found === undefined)
    return added === true && extent === 'before'
      ? []
      : [
          difference(
            table,
            `column ${name} is missing`,
            dialect.addColumn(table.name, name, type),
            true,
          ),
        ];
  const retype = dialect.retype(table.name, name, type);
  // A migration converts character sets.
  const odd = extent === 'before' ? '' : found.odd;
  if (!dialect.holds(kind, found.what) || odd !== '')
    return [
      difference(
        table,
        `column ${name} is ${odd === '' ? found.what : odd}, not ${type}`,
        retype,
        true,
      ),
    ];
  if (unset === true)
    return fillsItself(found)
      ? []
      : [difference(table, `column ${name} has no default`, retype, true)];
  if (found.made === 'always')
    return [difference(table, `column ${name} is made by the database itself`, undefined, true)];
  if (takesNull === true && !found.flag)
    return [
      difference(
        table,
        `column ${name} is NOT NULL`,
        dialect.allowNull(table.name, name, found.what),
        true,
      ),
    ];
  return [];
}

const fillsItself = ({ flag, given, made, name }: Fact): boolean =>
  made !== null || given !== null || (flag && name !== 'staged_id');

/** Columns of others are let be where a row can do without them. */
function strangeColumns(dialect: ShapeDialect, table: Table, facts: readonly Fact[]): Difference[] {
  const known = new Set(table.columns.map(({ name }) => name));
  const strange = facts.filter(({ kind, name }) => kind === 'column' && !known.has(name));
  const filled = ['customer_purchase_summary', 'customer_purchase_summary_staging'];
  if (!filled.includes(table.name)) return [];
  return strange
    .filter((fact) => !fillsItself(fact))
    .map(({ name, what }) =>
      difference(
        table,
        `column ${name} must have a value, and has no default`,
        dialect.allowNull(table.name, name, what),
        true,
      ),
    );
}

function keyDifferences(dialect: ShapeDialect, table: Table, facts: readonly Fact[]): Difference[] {
  if (!['customer_purchase_summary', 'customer_purchase_summary_staging'].includes(table.name))
    return [];
  const unique = facts.filter(({ kind }) => kind === 'unique');
  // What holds the key, or a row's own number, cannot refuse a row that has another of it.
  const own = table.key ?? 'staged_id';
  const refusing = unique.filter(({ what }) => !what.split(',').includes(own));
  const found = refusing.map((fact) =>
    difference(
      table,
      `${fact.name} lets no two rows have the same ${fact.what}`,
      dialect.drop(fact),
    ),
  );
  const id = facts.find(({ kind, name }) => kind === 'column' && name === table.key);
  if (table.key === undefined || id === undefined) return found;
  const keys = unique.filter(({ what }) => what === table.key);
  if (keys.some(({ flag }) => flag) && !id.flag) return found;
  const [broken] = keys.filter(({ flag }) => !flag);
  const what =
    broken === undefined
      ? `it has no primary key on ${table.key}`
      : `its key ${broken.name} cannot be relied on (partial, deferrable or not valid)`;
  const add = dialect.addKey(table.name, table.key);
  return [
    ...found,
    difference(table, what, broken === undefined ? add : `${dialect.drop(broken)}; ${add}`),
  ];
}

function constraintDifferences(
  dialect: ShapeDialect,
  table: Table,
  facts: readonly Fact[],
): Difference[] {
  return facts
    .filter(({ kind }) => !['table', 'column', 'unique', 'index'].includes(kind))
    .filter((fact) => !dialect.isMade(fact))
    .map((fact) =>
      difference(
        table,
        `${fact.kind} ${fact.name} can change or refuse what is written${fact.what === '' ? '' : ` (${fact.what})`}`,
        dialect.drop(fact),
      ),
    );
}
