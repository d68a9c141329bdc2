import { rm } from 'node:fs/promises';

import type { Config } from '../../config/config.ts';
import { globExpression } from '../../medallion/match-source.ts';
import { blankTermsRemedy, REMEDIES } from '../../medallion/remedies.ts';
import type { Source } from '../../medallion/source.ts';
import { literal } from '../../medallion/sql/text.ts';
import { temporaryFolder } from '../wiring/scratch.ts';
import { MEMORY_LIMIT, openStore } from '../wiring/wiring.ts';

/** Filters of rejected rows: a reason, a glob of object keys and a maximum number of rows. */
export type Wanted = { reason?: string; object?: string; limit?: number };

/** The columns of a rejected row, in output order. */
export const REFUSED_COLUMNS = [
  'object_key',
  'row_number',
  'reasons',
  'raw',
  'purchase_id',
  'customer_id',
  'customer_key',
  'source',
] as const;

export type RefusedCells = Record<(typeof REFUSED_COLUMNS)[number], string | null>;
export type RefusedObject = { object_key: string; reason: string; message: string };

/**
 * The content of the quarantine. `reasons` counts rejected rows, and objects that were rejected
 * whole, by reason, the most frequent first.
 */
export type Quarantine = {
  rows: number;
  reasons: Record<string, { rows: number; objects: number }>;
  /** What to do about each reason. */
  remedies: Record<string, string>;
  objects: RefusedObject[];
  refused(): AsyncIterable<RefusedCells>;
};

/** Reads the quarantine of the newest commit. `print` may iterate over the rows once. */
export async function withQuarantine(
  config: Config,
  wanted: Wanted,
  signal: AbortSignal,
  print: (quarantine: Quarantine) => Promise<void>,
): Promise<void> {
  const scratch = await temporaryFolder('quarantine');
  try {
    const { viewsOfNewest } = await import('../../catalog/views.ts');
    const { openReadOnly } = await import('../../engines/duckdb/read/query.ts');
    using views = await viewsOfNewest(await openStore(config), scratch);
    await using reader = await openReadOnly({
      ...views,
      scratch,
      memoryLimit: MEMORY_LIMIT,
      signal,
    });
    const ask = (sql: string): AsyncIterable<Row> => objectsOf(reader.stream(sql));
    const condition = conditionOf(wanted, 'reasons');
    const reasons = await collected(ask(countsSql(condition)));
    const [count] = await collected(
      ask(`select count(*) as n from quarantine where ${ROWS} and ${condition}`),
    );
    const objects = await collected(
      ask(`select object_key, refused as reason, message from objects
where refused is not null and ${conditionOf(wanted, 'refused')} order by object_key`),
    );
    const limit = wanted.limit === undefined ? '' : ` limit ${wanted.limit}`;
    await print({
      rows: Number(count?.['n'] ?? 0),
      reasons: Object.fromEntries(
        reasons.map(({ reason, rows, objects: whole }) => [
          reason ?? '',
          { rows: Number(rows), objects: Number(whole) },
        ]),
      ),
      remedies: Object.fromEntries(
        reasons.map(({ reason, sources }) => [
          reason ?? '',
          remedy(
            reason ?? '',
            (JSON.parse(sources ?? '[]') as string[]).flatMap(
              (name) => config.sources.find((source) => source.name === name) ?? [],
            ),
          ),
        ]),
      ),
      objects: objects as RefusedObject[],
      refused: () =>
        ask(
          `select ${REFUSED_COLUMNS.join(', ')} from quarantine where ${ROWS} and ${condition} order by object_key, row_number${limit}`,
        ) as AsyncIterable<RefusedCells>,
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

type Row = Record<string, string | null>;

function remedy(reason: string, sources: readonly Source[]): string {
  const known = (REMEDIES as Record<string, string>)[reason] ?? '';
  return reason === 'amount_missing' ? known + blankTermsRemedy(sources) : known;
}

/** The view also has a row without a row number for each object that was rejected whole. */
const ROWS = 'row_number is not null';

function conditionOf({ reason, object }: Wanted, column: 'reasons' | 'refused'): string {
  const tests = [
    ...(reason === undefined
      ? []
      : [`list_contains(string_split(${column}, ','), ${literal(reason)})`]),
    ...(object === undefined
      ? []
      : [`regexp_matches(object_key, ${literal(globExpression(object))}, 's')`]),
  ];
  return tests.length === 0 ? 'true' : tests.join(' and ');
}

const countsSql = (condition: string): string => `select reason,
  count(*) filter (where ${ROWS}) as rows, count(*) filter (where not ${ROWS}) as objects,
  cast(to_json(list(distinct source order by source) filter (where source is not null)) as varchar) as sources
from (select row_number, source, unnest(string_split(reasons, ',')) as reason from quarantine where ${condition}) q
group by reason order by count(*) desc, reason`;

async function* objectsOf(
  batches: AsyncIterable<{ columns: string[]; rows: (string | null)[][] }>,
): AsyncGenerator<Row> {
  for await (const { columns, rows } of batches)
    for (const row of rows)
      yield Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null]));
}

async function collected(rows: AsyncIterable<Row>): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of rows) all.push(row);
  return all;
}
