import type { BronzeResult, BronzeToSilverInput, Workspace } from '../../../lake/ports/engine.ts';
import type { ObjectRecord } from '../../../lake/ledger/records.ts';
import type { FastPath } from '../../../medallion/fast-path.ts';
import type { RowsContext } from '../../../medallion/rows-context.ts';
import { literal } from '../../../medallion/sql/text.ts';
import { loadTable, type Relation } from '../relation.ts';
import type { Session } from '../session.ts';

/** One scanned object of a batch; `rows` is the number of rows that the scan counted. */
export type BatchObject = {
  key: string;
  /** YYYY-MM-DD. */
  ingestionDate: string;
  modified: number;
  sha256: string;
  text: string;
  rows: number;
};

/** Loads the facts of a batch's objects, which every row repeats, as a table. */
export function loadObjectFacts(
  session: Session,
  objects: readonly BatchObject[],
): Promise<Relation> {
  let before = 0;
  return loadTable(
    session,
    'batch',
    {
      object_no: 'int',
      path: 'varchar',
      object_key: 'varchar',
      object_modified: 'bigint',
      content_sha256: 'varchar',
      rows_before: 'bigint',
      ingestion_day: 'date',
    },
    objects.map((object, index) => {
      const facts = {
        object_no: index,
        path: session.file(object.text),
        object_key: object.key,
        object_modified: object.modified,
        content_sha256: object.sha256,
        rows_before: before,
        ingestion_day: object.ingestionDate,
      };
      before += object.rows;
      return facts;
    }),
  );
}

/**
 * Select of `columns` of `rows` with the facts of their objects: constants for one object,
 * otherwise joined by `object_no`, the object's number in the batch.
 */
export async function withFacts(
  session: Session,
  objects: readonly BatchObject[],
  rows: string,
  columns: string,
): Promise<string> {
  const [only, ...others] = objects;
  if (only !== undefined && others.length === 0)
    return `select ${factsOf(only)}, ${columns} from (${rows}) r`;
  const facts = await loadObjectFacts(session, objects);
  return `select ${FACTS}, ${columns} from (${rows}) r join ${facts} using (object_no)`;
}

export const factsOf = (object: BatchObject): string =>
  `${literal(object.key)} as object_key, cast(${object.modified} as bigint) as object_modified, ${literal(object.sha256)} as content_sha256`;

/**
 * Selects of a batch's rows: all, or those whose (object_key, row_number) another relation
 * contains.
 */
export type Rows = { all: string; matching(wanted: Relation): string };

/** Rows whose fields are already split; `matching` filters them. */
export const wholeRows = (all: string): Rows => ({
  all,
  matching: (wanted) =>
    `select r.* from (${all}) r semi join ${wanted} using (object_key, row_number)`,
});

export const FACTS = 'object_key, object_modified, content_sha256, ingestion_day';

/** Rows of one batch with their context for the rules. */
export type BatchRows = {
  rows: Rows;
  context: Omit<RowsContext, 'timeZone'>;
  records: ObjectRecord[];
  read: number[];
  /** How to read the lines that the column `is_fast_path` marks; undefined without a fast path. */
  fastPath?: FastPath | undefined;
};

export type BatchContext = {
  session: Session;
  workspace: Workspace;
  task: BronzeToSilverInput;
  engine: string;
  streamFrom: number | undefined;
  /** Processes a batch's rows. */
  use(step: BatchContext, batch: BatchRows): Promise<BronzeResult>;
};
