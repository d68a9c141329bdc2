import { gzipSync } from 'node:zlib';

import { catalogPrefix } from '../../lake/layout.ts';
import type { Store } from '../../lake/ports/store.ts';
import type { LakeState, ObjectRecord } from '../../lake/ledger/records.ts';

/**
 * Writes the files of `objects` and `key_files` as of a commit, and returns their folders. Writing
 * them twice produces the same bytes.
 */
export async function writeLists(
  store: Store,
  ledger: LakeState,
): Promise<{ objects: string; keyFiles: string }> {
  const objects = [...ledger.objects.values()].map(objectRow);
  const keyFiles = ledger.keys.files.map(({ key }) => ({ file: key }));
  return {
    keyFiles: await writeList(store, ledger, 'key_files', keyFiles),
    objects: await writeList(store, ledger, 'objects', objects),
  };
}

async function writeList(
  store: Store,
  { seq, commit }: LakeState,
  name: string,
  rows: readonly object[],
): Promise<string> {
  const prefix = catalogPrefix(name, seq, commit ?? '');
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  await store.create(`${prefix}${name}.jsonl.gz`, gzipSync(lines));
  return prefix;
}

function objectRow(record: ObjectRecord): object {
  return {
    object_key: record.key,
    source: record.source,
    ingestion_date: record.ingestion_date,
    modified_at: new Date(record.modified * 1000).toISOString(),
    bytes: record.size,
    sha256: record.sha256,
    rows_read: record.rows.read,
    accepted: record.rows.accepted,
    duplicate: record.rows.duplicate,
    superseded: record.rows.superseded,
    deleted: record.rows.deleted,
    quarantined: record.rows.quarantined,
    erased: record.rows.erased ?? 0,
    refused: record.refused?.reason ?? null,
    message: record.refused?.message ?? null,
    reasons: JSON.stringify(record.reasons),
    repairs: JSON.stringify(record.repairs),
    silver_file: record.silver,
    quarantine_file: record.quarantine,
  };
}
