import type { Workspace } from '../../../lake/ports/engine.ts';
import type {
  PersonSearch,
  LiveFile,
  UnattributedRow,
  Wanted,
} from '../../../lake/ports/person-search.ts';
import { DISPLAY_NAME } from '../../../medallion/gold/silver-to-gold.ts';
import { parquet } from '../files.ts';
import { loadTexts } from './person-rows.ts';
import type { Session } from '../session.ts';

type Row = Record<string, string | null>;

/**
 * Columns that identify a row's customer. The purchase id counts only in a row without a customer,
 * which deletes a purchase.
 */
const IDENTIFYING_COLUMNS = {
  silver: `source, cast(customer_id as varchar) as id, customer_key as key, email, ${DISPLAY_NAME} as name,
  case when customer_id is null and customer_key is null then purchase_id end as purchase_id, null as raw`,
  quarantine: `source, cast(customer_id as varchar) as id, customer_key as key, null as email, null as name, purchase_id, raw`,
};

/**
 * Files with stale rows of the wanted people or of rewritten objects. Reads the object keys of each
 * layer once, then only stale rows.
 */
export async function filesWithStaleRows(
  session: Session,
  workspace: Workspace,
  files: readonly LiveFile[],
  { wanted, rewritten }: Parameters<PersonSearch['stale']>[2],
): Promise<string[]> {
  const found: string[] = [];
  for (const layer of ['silver', 'quarantine'] as const) {
    const held = files.filter((file) => file.layer === layer);
    for (const { file, path, stale } of await staleObjects(session, workspace, held)) {
      const isRewritten = stale.some((key) => rewritten.has(key));
      if (isRewritten || (await isAnyWanted(session, { layer, path, stale }, wanted)))
        found.push(file);
    }
  }
  return found;
}

async function staleObjects(
  session: Session,
  { store, scratch }: Workspace,
  held: readonly LiveFile[],
): Promise<{ file: string; path: string; stale: string[] }[]> {
  if (held.length === 0) return [];
  const paths = new Map<string, string>();
  for (const { file } of held) paths.set(file, await store.local(file, scratch));
  const relation = parquet(session, [...paths.values()], { filename: true });
  const inFile = new Map<string, string[]>();
  for (const { filename, object_key } of await session.rows(
    `select distinct filename, object_key from ${relation}`,
  ))
    inFile.set(filename ?? '', [...(inFile.get(filename ?? '') ?? []), object_key ?? '']);
  return held.flatMap(({ file, objects }) => {
    const path = paths.get(file) ?? '';
    const live = new Set(objects);
    const stale = (inFile.get(session.file(path)) ?? []).filter((key) => !live.has(key));
    return stale.length === 0 ? [] : [{ file, path, stale }];
  });
}

async function isAnyWanted(
  session: Session,
  { layer, path, stale }: { layer: LiveFile['layer']; path: string; stale: readonly string[] },
  wanted: Wanted,
): Promise<boolean> {
  const objects = await loadTexts(session, 'stale_objects', stale);
  const rows = await session.rows(
    `select distinct ${IDENTIFYING_COLUMNS[layer]} from ${parquet(session, [path])} where object_key in (from ${objects})`,
  );
  return rows.some((row) => concerns(row, wanted));
}

/** Any matching value is enough: rewriting a file that names another person does no harm. */
function concerns(row: Row, wanted: Wanted): boolean {
  const { source, id = null, key = null, email = null, name = null, raw, purchase_id } = row;
  const isWanted = (values: Partial<UnattributedRow>): boolean =>
    wanted.unattributed(source ?? '', { ...NOTHING, ...values }) !== undefined;
  return (
    wanted.customer(id, key) ||
    (email !== null && isWanted({ email })) ||
    (name !== null && isWanted({ name })) ||
    (typeof purchase_id === 'string' && isWanted({ purchaseId: purchase_id })) ||
    (typeof raw === 'string' && (isWanted({ raw }) || isWanted({ raw, malformed: true })))
  );
}

const NOTHING: UnattributedRow = {
  malformed: false,
  raw: '',
  email: null,
  name: null,
  purchaseId: null,
};
