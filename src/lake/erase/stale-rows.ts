import { EraseRefused } from '../../errors.ts';
import { whileIntact } from '../ledger/integrity.ts';
import { QUARANTINE, SILVER } from '../layout.ts';
import { readLedger } from '../ledger/ledger.ts';
import type { LiveFile, Wanted } from '../ports/person-search.ts';
import type { LakeState } from '../ledger/records.ts';
import type { EraseLake } from './erase-lake.ts';

type SearchLake = Pick<EraseLake, 'workspace' | 'personSearch'>;

/**
 * Returns the live files of silver and quarantine with stale rows of the wanted people. A file
 * holds several objects of a day; where one of them was read again or is gone, its rows stay in the
 * file with those of the other objects, although no reader uses them. `rewritten`: objects of which
 * all stale rows count. Error: `LedgerDamaged`.
 */
export async function filesWithStaleRows(
  { workspace, personSearch }: SearchLake,
  wanted: Wanted,
  rewritten: ReadonlySet<string> = new Set(),
): Promise<LiveFile[]> {
  const ledger = await readLedger(workspace.store);
  const held = liveFiles(ledger);
  const files = await whileIntact(workspace, [...ledger.files.values()], () =>
    personSearch.stale(workspace, held, { wanted, rewritten }),
  );
  const stale = new Set(files);
  return held.filter(({ file }) => stale.has(file));
}

/**
 * Reads the objects of such files again, with further commits, until no live file keeps stale rows
 * of the wanted people; the previous files are then unreferenced. It loops because rows of an
 * object that is read again become stale in its other files. Errors: `EraseRefused`,
 * `LedgerDamaged`.
 */
export async function remakeStale(
  lake: SearchLake & Pick<EraseLake, 'upToCommit'>,
  wanted: Wanted,
  rewritten: readonly string[],
): Promise<void> {
  const rewrittenFiles = new Set<string>();
  let stale = await filesWithStaleRows(lake, wanted, new Set(rewritten));
  while (stale.length > 0) {
    const still = stale.find(({ file }) => rewrittenFiles.has(file));
    if (still !== undefined) throw notRemade(still);
    await lake.upToCommit([...new Set(stale.flatMap(({ objects }) => objects))]);
    for (const { file } of stale) rewrittenFiles.add(file);
    // Rows that became stale in this step were read from bronze without the person.
    stale = await filesWithStaleRows(lake, wanted);
  }
}

function liveFiles({ files, objects }: LakeState): LiveFile[] {
  const held = new Map<string, string[]>();
  for (const { key, silver, quarantine } of objects.values())
    for (const file of [silver, quarantine])
      if (file !== null) held.set(file, [...(held.get(file) ?? []), key]);
  const layerOf = (file: string): LiveFile['layer'] | undefined => {
    if (file.startsWith(SILVER)) return 'silver';
    return file.startsWith(QUARANTINE) ? 'quarantine' : undefined;
  };
  return [...files.keys()].flatMap((file) => {
    const layer = layerOf(file);
    return layer === undefined ? [] : [{ file, layer, objects: held.get(file) ?? [] }];
  });
}

const notRemade = ({ file, objects }: LiveFile): EraseRefused =>
  new EraseRefused(
    `${file} keeps rows of the customer, and an object in it cannot be read again: one of ${objects
      .slice(0, 5)
      .map((key) => JSON.stringify(key))
      .join(', ')}.`,
    { hint: 'See why with purchases plan, make it readable, and erase again.' },
  );
