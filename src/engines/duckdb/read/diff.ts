import type {
  Comparison,
  Customers,
  Diff,
  LayerRows,
  RowFinding,
  TotalsReport,
} from '../../../lake/ports/diff.ts';
import type { Workspace } from '../../../lake/ports/engine.ts';
import {
  type Column,
  GOLD_COLUMNS,
  names,
  QUARANTINE_COLUMNS,
  SILVER_COLUMNS,
} from '../../../medallion/layers.ts';
import { jsonLines } from '../files.ts';
import { openObjects, storedRows } from '../lake-files.ts';
import type { Relation } from '../relation.ts';
import { type DuckdbOptions, openWorkspaceSession, type Session } from '../session.ts';

const LAYERS: Record<'silver' | 'quarantine', readonly Column[]> = {
  silver: SILVER_COLUMNS,
  quarantine: QUARANTINE_COLUMNS,
};
/** The serving table has no column purchase_count. */
const SERVED = names(GOLD_COLUMNS).filter((column) => column !== 'purchase_count');

/** Compares lakes and tables with DuckDB, in process. */
export function duckdbDiff(options: DuckdbOptions): Diff {
  return {
    async layer(workspace, layer, sides, limit) {
      await using session = await openWorkspaceSession(options, workspace);
      return await compareLayer(session, workspace, layer, sides, limit);
    },
    async customers(workspace, sides, limit) {
      await using session = await openWorkspaceSession(options, workspace);
      return await compareCustomers(session, workspace, sides, limit);
    },
    async totals(workspace, sides, limit) {
      await using session = await openWorkspaceSession(options, workspace);
      return await compareTotals(session, workspace, sides, limit);
    },
  };
}

type Sides<Side> = { found: Side; expected: Side };

/** Runs `create` for one side after the other. */
const bothSides = async <Side>(
  create: (side: 'found' | 'expected') => Promise<Side>,
): Promise<Sides<Side>> => ({
  found: await create('found'),
  expected: await create('expected'),
});

type Tables = { keys: readonly string[]; columns: readonly string[]; limit: number };

/**
 * Compares the rows of a layer: first a digest of each object, then the cells of the objects whose
 * digests differ.
 */
async function compareLayer(
  session: Session,
  workspace: Workspace,
  layer: 'silver' | 'quarantine',
  { found, expected }: Sides<LayerRows>,
  limit: number,
): Promise<Comparison> {
  const { scratch } = workspace;
  const open = ({ store, live }: LayerRows, name: string): Promise<Relation> =>
    openObjects(session, { store, scratch }, name, LAYERS[layer], live);
  const rows = {
    found: await open(found, 'found_rows'),
    expected: await open(expected, 'expected_rows'),
  };
  const columns = await columnsOfBoth(session, rows, names(LAYERS[layer]));
  const digests = await bothSides((side) =>
    session.table(
      `${side}_digests`,
      `select object_key, count(*) as n, sum(hash(${columns.join(', ')})) as digest from ${rows[side]} group by object_key`,
    ),
  );
  const suspects = await session.table(
    'suspects',
    `select coalesce(f.object_key, e.object_key) as object_key from ${digests.found} f full join ${digests.expected} e on e.object_key = f.object_key
where f.n is distinct from e.n or f.digest is distinct from e.digest`,
  );
  const cells = columns.filter((column) => column !== 'object_key' && column !== 'row_number');
  const sides = await bothSides((side) =>
    session.view(
      side,
      `select object_key, row_number, ${asText(cells)} from ${rows[side]} where object_key in (select object_key from ${suspects})`,
    ),
  );
  const [counted] = await session.rows(`select count(*) as n from ${rows.expected}`);
  const result = await differing(session, sides, {
    keys: ['object_key', 'row_number'],
    columns: cells,
    limit,
  });
  return { ...result, rows: Number(counted?.['n'] ?? 0) };
}

/**
 * Columns that both sides have. A lake written by older rules may lack columns: its objects differ
 * by their rules anyway, and only the common columns are compared.
 */
async function columnsOfBoth(
  session: Session,
  { found, expected }: Sides<Relation>,
  columns: readonly string[],
): Promise<string[]> {
  const columnsBySide = await Promise.all(
    [found, expected].map(async (view) => {
      const described = await session.rows(`describe ${view}`);
      return new Set(described.map(({ column_name }) => column_name));
    }),
  );
  return columns.filter((column) => columnsBySide.every((has) => has.has(column)));
}

/** Compares two tables of customers cell by cell. */
async function compareCustomers(
  session: Session,
  workspace: Workspace,
  { found, expected }: Sides<Customers>,
  limit: number,
): Promise<Comparison> {
  const served = 'lines' in found || 'lines' in expected;
  const columns = (served ? SERVED : names(GOLD_COLUMNS)).filter((name) => name !== 'customer_id');
  const customers = { found, expected };
  const sides = await bothSides(async (side) =>
    session.view(
      side,
      `select cast(customer_id as int) as customer_id, ${asText(columns)} from ${await customersOf(session, workspace, customers[side])}`,
    ),
  );
  const [counted] = await session.rows(`select count(*) as n from ${sides.expected}`);
  const result = await differing(session, sides, { keys: ['customer_id'], columns, limit });
  return { ...result, rows: Number(counted?.['n'] ?? 0) };
}

/** Compares only the totals, as money: another pipeline's table may write 12.5 for 12.50. */
async function compareTotals(
  session: Session,
  workspace: Workspace,
  { found, expected }: Sides<Customers>,
  limit: number,
): Promise<TotalsReport> {
  const customers = { found, expected };
  const sides = await bothSides(async (side) =>
    session.view(
      side,
      `select cast(customer_id as int) as customer_id, cast(total_spent_aud as decimal(24,6)) as total from ${await customersOf(session, workspace, customers[side])}`,
    ),
  );
  const differences = await session.table(
    'differences',
    `select coalesce(f.customer_id, e.customer_id) as customer_id, f.total as found, e.total as expected, coalesce(e.total, 0) - coalesce(f.total, 0) as difference
from ${sides.found} f full join ${sides.expected} e on e.customer_id = f.customer_id
where f.total is distinct from e.total or f.customer_id is null or e.customer_id is null`,
  );
  const [all] = await session.rows(
    `select count(*) as n, cast(coalesce(sum(difference), 0) as varchar) as total from ${differences}`,
  );
  const rows = await session.rows(
    `select * from ${differences} order by abs(difference) desc, customer_id limit ${limit}`,
  );
  return {
    differing: Number(all?.['n'] ?? 0),
    sum: cents(all?.['total']) ?? '0.00',
    totals: rows.map((row) => ({
      customer: Number(row['customer_id']),
      found: cents(row['found']),
      expected: cents(row['expected']),
      difference: cents(row['difference']) ?? '0.00',
    })),
  };
}

/** Money with two decimal places, and more only if they are not zero. */
const cents = (amount: string | null | undefined): string | null =>
  amount?.replace(/(\.\d\d\d*?)0+$/, '$1') ?? null;

const asText = (columns: readonly string[]): string =>
  columns.map((column) => `cast(${column} as varchar) as ${column}`).join(', ');

async function customersOf(
  session: Session,
  workspace: Workspace,
  side: Customers,
): Promise<string> {
  if ('lines' in side) {
    const columns = SERVED.map((column) => `${column}: 'varchar'`).join(', ');
    return jsonLines(session, side.lines, `{${columns}}`);
  }
  const { scratch } = workspace;
  return storedRows(session, { store: side.store, scratch }, side.files, GOLD_COLUMNS);
}

/** Rows that are not the same on both sides. */
async function differing(
  session: Session,
  { found, expected }: Sides<Relation>,
  { keys, columns, limit }: Tables,
): Promise<Omit<Comparison, 'rows'>> {
  const [key = ''] = keys;
  const same = keys.map((name) => `f.${name} = e.${name}`).join(' and ');
  const differs = columns.map((name) => `f.${name} is distinct from e.${name}`).join(' or ');
  const known = keys.map((name) => `coalesce(f.${name}, e.${name}) as ${name}`).join(', ');
  const cells = columns.map((name) => `f.${name} as f_${name}, e.${name} as e_${name}`).join(', ');
  const differences = await session.table(
    'differences',
    `select ${known}, f.${key} is null as missing, e.${key} is null as unexpected, ${cells}
from ${found} f full join ${expected} e on ${same}
where f.${key} is null or e.${key} is null or ${differs}`,
  );
  const [counted] = await session.rows(`select count(*) as n from ${differences}`);
  const rows = await session.rows(
    `select * from ${differences} order by ${keys.join(', ')} limit ${limit}`,
  );
  return {
    differing: Number(counted?.['n'] ?? 0),
    findings: rows.flatMap((row) => findingsOf(row, columns)),
  };
}

function findingsOf(row: Record<string, string | null>, columns: readonly string[]): RowFinding[] {
  const place = {
    ...(row['object_key'] === undefined ? {} : { object: row['object_key'] ?? '' }),
    ...(row['row_number'] === undefined ? {} : { row: Number(row['row_number']) }),
    ...(row['object_key'] === undefined ? { customer: Number(row['customer_id']) } : {}),
  };
  if (row['missing'] === 'true') return [{ ...place, problem: 'missing' }];
  if (row['unexpected'] === 'true') return [{ ...place, problem: 'unexpected' }];
  return columns
    .map((column) => ({ column, found: row[`f_${column}`], expected: row[`e_${column}`] }))
    .filter(({ found, expected }) => found !== expected)
    .map(({ column, found = null, expected = null }) => ({
      ...place,
      problem: 'differs',
      column,
      found,
      expected,
    }));
}
