import { LedgerDamaged } from '../../errors.ts';
import { CUSTOMER_KEYS, QUARANTINE, SILVER } from '../layout.ts';
import type { Store } from '../ports/store.ts';
import type { DataFile, LakeState } from '../ledger/records.ts';

/**
 * A live file that is missing or has another size than the ledger recorded; `damage` says which.
 */
export type LostFile = { key: string; damage: string };

/**
 * The files of silver, quarantine and the newest gold that were lost since they were committed, by
 * one listing of each layer: a file is never opened, so damage that keeps the size is seen where
 * the file is read, and by `verify`. All of them can be made again from bronze. Error:
 * `LedgerDamaged` where a part of the registry of customer keys is lost, which nothing can make
 * again.
 */
export async function lostFiles(store: Store, state: LakeState): Promise<LostFile[]> {
  const gold = state.gold?.files ?? [];
  const layers: [prefix: string, files: readonly DataFile[]][] = [
    [SILVER, [...state.files.values()].filter(({ key }) => key.startsWith(SILVER))],
    [QUARANTINE, [...state.files.values()].filter(({ key }) => key.startsWith(QUARANTINE))],
    ...[...new Set(gold.map(folderOf))].map((folder): [string, DataFile[]] => [
      folder,
      gold.filter((file) => folderOf(file) === folder),
    ]),
  ];
  const [registry, ...lost] = await Promise.all([
    lostOf(store, CUSTOMER_KEYS, state.keys.files),
    ...layers.map(([prefix, files]) => lostOf(store, prefix, files)),
  ]);
  const [first] = registry;
  if (first === undefined) return lost.flat();
  throw new LedgerDamaged(
    `The file ${first.key} of the registry of customer keys ${first.damage}.`,
    {
      hint: 'Nothing was changed: without it customers would get other numbers. Restore it from a backup of the lake.',
    },
  );
}

/**
 * Refuses to read a lake from which live files are lost. Error: `LedgerDamaged`, naming the first
 * of them and what makes them again.
 */
export async function mustHaveFiles(store: Store, state: LakeState): Promise<void> {
  const [first, ...more] = await lostFiles(store, state);
  if (first === undefined) return;
  const others = more.length === 0 ? '' : `; ${more.length} more are missing or torn`;
  throw new LedgerDamaged(`The file ${first.key} of ${store.name} ${first.damage}${others}.`, {
    hint: 'purchases run makes it again from bronze; purchases plan lists all that is lost.',
  });
}

const folderOf = ({ key }: DataFile): string => key.slice(0, key.lastIndexOf('/') + 1);

async function lostOf(
  store: Store,
  prefix: string,
  files: readonly DataFile[],
): Promise<LostFile[]> {
  if (files.length === 0) return [];
  const sizes = new Map<string, number>();
  for await (const { key, size } of store.list(prefix)) sizes.set(key, size);
  return files.flatMap(({ key, size }) => {
    const found = sizes.get(key);
    if (found === size) return [];
    const damage =
      found === undefined ? 'is missing' : `has ${found} bytes, but ${size} were recorded`;
    return [{ key, damage }];
  });
}

/**
 * Removes what is left of files that were made again under other names; only older commits name
 * them.
 */
export async function removeRemains(
  store: Store,
  { files, gold }: LakeState,
  lost: readonly LostFile[],
): Promise<void> {
  const live = new Set([...files.keys(), ...(gold?.files ?? []).map(({ key }) => key)]);
  for (const { key } of lost) if (!live.has(key)) await store.remove(key);
}
