import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readLedger } from '../../src/lake/ledger/ledger.ts';
import { folderStore } from '../../src/stores/filesystem/filesystem.ts';
import { watchingFiles } from '../faults/file-effects.ts';
import { type Fault, tripwire } from '../faults/tripwire.ts';
import { type Answer, purchases } from '../support/cli.ts';
import { listing } from '../support/folders.ts';
import { difference, goldOf, goldText, violationsIn } from './checks.ts';
import { servedText } from '../support/gold-rows.ts';
import { type Expected, expectedNow, type Lake } from './lake.ts';
import { nameOf, type Person } from './people.ts';
import { mayLoad, tableDump, tableText } from './serving.ts';
import type { World } from './world.ts';

/** Runs a command on the lake, in this process. */
export const command = (world: World, lake: Lake, ...argv: string[]): Promise<Answer> =>
  purchases(
    { cwd: world.folder, env: { HOME: '/planted-secret' } },
    ...argv,
    '--config',
    lake.config,
  );

const described = (argv: readonly string[], { code, stderr, stdout }: Answer): string =>
  `${argv.join(' ')} ended with ${code}: ${stderr.trim() || stdout.slice(0, 300)}`;

/** Runs a command that dies at the fault. Returns its result if it ended before. */
async function killed(
  world: World,
  lake: Lake,
  fault: Fault,
  argv: readonly string[],
): Promise<Answer | undefined> {
  const wire = tripwire(fault);
  const answer = await watchingFiles(lake.root, wire, () =>
    world.databases.watching(wire, () => command(world, lake, ...argv)),
  );
  if (!wire.isDead) return answer;
  world.counts.kills += 1;
  return undefined;
}

/** The states of gold and of the table that readers may see while a command runs. */
async function between(
  world: World,
  lake: Lake,
  golds: readonly string[],
  tables: readonly string[],
): Promise<string[]> {
  const gold = goldText(await goldOf(world, lake));
  const table = await tableText(world, lake);
  return [
    ...(golds.includes(gold)
      ? []
      : [
          `a killed command leaves gold as before or after: ${difference(golds.at(-1) ?? '', gold)}`,
        ]),
    ...(tables.includes(table)
      ? []
      : [
          `a killed command leaves the table as before or after: ${difference(tables.at(-1) ?? '', table)}`,
        ]),
  ];
}

/** The integers of customer keys, from the ledger's files. */
async function registryOf(world: World, lake: Lake): Promise<Map<string, number>> {
  const { keys } = await readLedger(folderStore(lake.root));
  const registry = new Map<string, number>();
  for (const { key } of keys.files)
    for (const row of await world.rows(await readFile(join(lake.root, key))))
      registry.set(row['customer_key'] ?? '', Number(row['customer_id']));
  return registry;
}

/** Records a state that a command reported as done, and validates the integers of customer keys. */
async function noteDone(world: World, lake: Lake): Promise<string[]> {
  const found: string[] = [];
  const registry = await registryOf(world, lake);
  for (const [key, id] of registry) {
    const known = lake.registry.get(key);
    if (known !== undefined && known !== id)
      found.push(`the registry keeps its integers: ${key} was ${known} and is ${id}`);
    if (known === undefined && [...lake.registry.values()].includes(id))
      found.push(`the registry assigns an integer once: ${id}`);
    lake.registry.set(key, id);
  }
  const { collisions, ...expected } = expectedNow(lake);
  lake.expected = expected;
  if (collisions.length > 0)
    found.push(`no integer of a key is a customer_id: ${collisions.join(', ')}`);
  return found;
}

export type Played = { found: string[]; refused: boolean };
const fine = (found: string[]): Played => ({ found, refused: false });

/**
 * A command that brings the lake, and the table where allowed, up to date with bronze: `run` or
 * `rebuild`.
 */
export async function run(
  world: World,
  lake: Lake,
  { fault, argv = ['run', '-q', '--json'] }: { fault?: Fault | undefined; argv?: string[] } = {},
): Promise<Played> {
  const may = await mayLoad(world, lake);
  const next = expectedNow(lake);
  const before = { dump: await tableDump(world, lake), table: await tableText(world, lake) };
  const golds = [lake.expected, next].map((one) => goldText(one?.gold ?? []));
  const answer =
    fault === undefined
      ? await command(world, lake, ...argv)
      : await killed(world, lake, fault, argv);
  world.counts.runs += 1;
  if (answer === undefined)
    return fine(
      await between(world, lake, golds, [before.table, ...(may ? [servedText(next.gold)] : [])]),
    );
  if (answer.code === 0) {
    if (!may) return fine(['a table of another lake is refused: run went on']);
    const found = await noteDone(world, lake);
    world.tables.set(lake.warehouse, servedText(lake.expected?.gold ?? []));
    return fine([...found, ...(await violationsIn(world, lake, { settled: true }))]);
  }
  world.counts.refusals += 1;
  if (may && next.collisions.length === 0)
    return fine([`run ends well: ${described(argv, answer)}`]);
  return {
    found: await refusedWell(world, lake, { before: before.dump, next, may }),
    refused: true,
  };
}

const objectsText = (objects: ReadonlyMap<string, { rows: { read: number } }>): string =>
  [...objects]
    .map(([key, { rows }]) => `${key}: ${rows.read}`)
    .toSorted()
    .join('\n');

/**
 * After a refusal the table is unchanged, and gold is the previous one or the one that the rules
 * require.
 */
async function refusedWell(
  world: World,
  lake: Lake,
  {
    before,
    next,
    may,
  }: { before: string; next: Expected & { collisions: string[] }; may: boolean },
): Promise<string[]> {
  if ((await tableDump(world, lake)) !== before) return ['a refusal leaves the table alone'];
  const gold = goldText(await goldOf(world, lake));
  const { objects } = await readLedger(folderStore(lake.root));
  const read = objectsText(objects);
  const isAt = (state: Expected | undefined): boolean =>
    gold === goldText(state?.gold ?? []) &&
    read === objectsText(state?.answer.objects ?? new Map());
  if (isAt(lake.expected)) return [];
  if (may && gold !== goldText(lake.expected?.gold ?? []))
    return ['a refused collision leaves gold alone'];
  // The commit may come before the refusal of the load, also where gold is the same after it.
  if (!isAt(next)) return ['a refusal leaves the lake before or after'];
  return noteDone(world, lake);
}

/** Erases a person; `fault` kills the command on the way, and it is repeated until it ends. */
export async function erase(
  world: World,
  lake: Lake,
  person: Person,
  fault?: Fault,
): Promise<Played> {
  const argv = ['erase', nameOf(person), '--yes', '--json'];
  const may = await mayLoad(world, lake);
  const next = expectedNow(lake);
  const before = { dump: await tableDump(world, lake), table: await tableText(world, lake) };
  const after = expectedNow({ ...lake, erased: [...lake.erased, person] });
  let answer: Answer | undefined;
  if (fault !== undefined) {
    answer = await killed(world, lake, fault, argv);
    const golds = [lake.expected, next, after].map((one) => goldText(one?.gold ?? []));
    const found = await between(world, lake, golds, [
      before.table,
      ...(may ? [servedText(next.gold), servedText(after.gold)] : []),
    ]);
    if (found.length > 0) return fine(found);
  }
  answer ??= await command(world, lake, ...argv);
  world.counts.erasures += 1;
  if (answer.code === 0) {
    if (!may) return fine(['a table of another lake is refused: erase went on']);
    lake.erased.push(person);
    const found = await noteDone(world, lake);
    world.tables.set(lake.warehouse, servedText(lake.expected?.gold ?? []));
    const wrong = await violationsIn(world, lake, { settled: true });
    return fine([...found, ...wrong].map((line) => `after erase ${nameOf(person)}: ${line}`));
  }
  world.counts.refusals += 1;
  if (may && next.collisions.length === 0)
    return fine([`erase ends well: ${described(argv, answer)}`]);
  return {
    found: await refusedWell(world, lake, { before: before.dump, next, may }),
    refused: true,
  };
}

/** A dry run changes nothing. */
export async function dryErase(world: World, lake: Lake, person: Person): Promise<string[]> {
  const before = await tableDump(world, lake);
  const argv = ['erase', nameOf(person), '--dry-run', '--json'];
  const answer = await command(world, lake, ...argv);
  if (answer.code !== 0) return [`a dry run ends well: ${described(argv, answer)}`];
  if ((await tableDump(world, lake)) !== before) return ['a dry run changes nothing'];
  return violationsIn(world, lake, { settled: false });
}

/** `repair` or `adopt`, which make the table equal to gold where the lake may. */
export async function loadTable(world: World, lake: Lake, argv: string[]): Promise<string[]> {
  const may = await mayLoad(world, lake);
  const before = await tableDump(world, lake);
  const answer = await command(world, lake, ...argv);
  if (answer.code === 0) {
    if (!may) return [`a table of another lake is refused: ${argv[0]} went on`];
    world.tables.set(lake.warehouse, servedText(lake.expected?.gold ?? []));
    return violationsIn(world, lake, { settled: false });
  }
  if (may) return [`${argv[0]} ends well: ${described(argv, answer)}`];
  world.counts.refusals += 1;
  if ((await tableDump(world, lake)) !== before) return ['a refusal leaves the table alone'];
  return violationsIn(world, lake, { settled: false });
}

/** The operator types the lake's name, and so confirms that its gold replaces the table. */
export async function takeOver(world: World, lake: Lake): Promise<string[]> {
  const { lake: name } = await readLedger(folderStore(lake.root));
  let answer = await command(world, lake, 'repair', '--json', '--yes-take-over', name ?? '');
  if (answer.code === 2 && answer.stderr.includes('unknown option'))
    answer = await command(world, lake, 'repair', '--json');
  if (answer.code !== 0) return [`repair ends well: ${described(['repair'], answer)}`];
  world.tables.set(lake.warehouse, servedText(lake.expected?.gold ?? []));
  return violationsIn(world, lake, { settled: false });
}

/** A second run finds nothing to do and changes nothing. */
export async function idle(world: World, lake: Lake): Promise<string[]> {
  // A name that is not UTF-8 cannot be passed as an argument.
  const except = ['_runs/', '_lock/', '_scratch/', '_tmp/', 'bronze/shop/2026-04-01/bad'];
  const before = await listing(lake.root, except);
  const table = await tableDump(world, lake);
  const answer = await command(world, lake, 'run', '-q', '--json');
  if (answer.code !== 0) return [`a second run is idle: ${described(['run'], answer)}`];
  const { objects } = JSON.parse(answer.stdout) as { objects: Record<string, number> };
  const work = (objects['added'] ?? 0) + (objects['replaced'] ?? 0) + (objects['remade'] ?? 0);
  if (work + (objects['removed'] ?? 0) > 0)
    return [`a second run is idle: ${JSON.stringify(objects)}`];
  if (JSON.stringify(await listing(lake.root, except)) !== JSON.stringify(before))
    return ['a second run is idle: it changed files'];
  return (await tableDump(world, lake)) === table
    ? []
    : ['a second run is idle: the table changed'];
}

/** `verify` finds nothing. */
export async function verified(world: World, lake: Lake): Promise<string[]> {
  const answer = await command(world, lake, 'verify', '--json');
  return answer.code === 0 ? [] : [`verify reports Equal: ${described(['verify'], answer)}`];
}

/** Any other command that must succeed and change neither gold nor the table. */
export async function harmless(world: World, lake: Lake, ...argv: string[]): Promise<string[]> {
  const answer = await command(world, lake, ...argv);
  return answer.code === 0
    ? violationsIn(world, lake, { settled: false })
    : [`${argv[0]} ends well: ${described(argv, answer)}`];
}
