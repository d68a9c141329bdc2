import { LedgerDamaged } from '../../errors.ts';
import { CUSTOMER_KEYS, QUARANTINE, SILVER } from '../layout.ts';
import type { Store } from '../ports/store.ts';
import type { DataFile, LakeState } from '../ledger/records.ts';

/**
 * A live file that is missing or whose size differs from the ledger; `damage` describes which.
 */
export type LostFile = { key: string; damage: string };

/**
 * Returns the files of silver, quarantine and the newest gold that were lost since they were
 * committed, with one listing per layer. Files are not opened, so damage that keeps the size is
 * detected where the file is read, and by `verify`. All of them can be rebuilt from bronze. Error:
 * `LedgerDamaged` where a file of the registry of customer keys is lost, which cannot be rebuilt.
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
 * Checks that no live file is lost. Error: `LedgerDamaged`, naming the first lost file and the
 * command that rebuilds it.
 */
export async function mustHaveFiles(store: Store, state: LakeState): Promise<void> {
  const [first, ...more] = await lostFiles(store, state);
  if (first === undefined) return;
  const others = more.length === 0 ? '' : `; ${more.length} more are missing or truncated`;
  throw new LedgerDamaged(`The file ${first.key} of ${store.name} ${first.damage}${others}.`, {
    hint: 'purchases run rebuilds it from bronze; purchases plan lists all lost files.',
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
 * Removes the remains of lost files that were rebuilt under other names; only older commits name
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
