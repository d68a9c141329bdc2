import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Draw } from '../faults/lake-history.ts';
import type { Fault } from '../faults/tripwire.ts';
import type { Tables } from '../faults/tables.ts';
import { CHANGES, putBase } from './changes.ts';
import {
  dryErase,
  erase,
  harmless,
  idle,
  loadByHand,
  type Played,
  run,
  takeOver,
  verified,
} from './commands.ts';
import { putTablesBack, tablesOf } from './databases.ts';
import { isMet } from './hazards.ts';
import {
  buyers,
  copyFolder,
  emptyLake,
  expectedNow,
  type Lake,
  remembered,
  removeObject,
  writeConfig,
} from './lake.ts';
import { nameOf, type Person } from './people.ts';
import { mayLoad, tableDump } from './serving.ts';
import type { World } from './world.ts';

/** A history at work. `said`: what it did, step by step. */
export type Play = {
  world: World;
  draw: Draw;
  lake: Lake;
  other: Lake;
  backup: { folder: string; lake: Lake } | undefined;
  tables: { tables: Tables; rows: string } | undefined;
  numbers: number;
  said: string[];
};

export type Step = (play: Play) => Promise<string[]>;

const faultOf = (draw: Draw): Fault => ({
  at: draw.below(draw.once(2) ? 25 : 110),
  when: draw.of(['before', 'midway', 'after'] as const),
});

/** One of the changes that need no command. */
export async function change(play: Play, name: string, lake = play.lake): Promise<void> {
  const { draw, world } = play;
  const what = await CHANGES[name]!({ draw, lake, people: world.people, number: ++play.numbers });
  play.said.push(`${name} ${what}`);
}

/** Takes whatever is refused out of the way, as the operator is asked to, and ends with a run that is done. */
async function settle(play: Play, { found, refused }: Played, lake = play.lake): Promise<string[]> {
  if (found.length > 0 || !refused) return found;
  const { world } = play;
  for (const id of expectedNow(lake).collisions)
    for (const [key, { texts }] of [...lake.objects])
      if (texts.some((text) => text.includes(id))) await removeObject(lake, key);
  if (!(await mayLoad(world, lake)) && lake.expected !== undefined) {
    const taken = await takeOver(world, lake);
    if (taken.length > 0) return taken;
  }
  play.said.push('settle: run');
  return (await run(world, lake)).found;
}

/** Has every file read, so that what comes next starts from a lake that is up to date. */
async function upToDate(play: Play, lake = play.lake): Promise<string[]> {
  return settle(play, await run(play.world, lake), lake);
}

const running: Step = async (play) => settle(play, await run(play.world, play.lake));

const killedRun: Step = async (play) => {
  const { world, lake, draw } = play;
  const fault = faultOf(draw);
  play.said.push(JSON.stringify(fault));
  const { found } = await run(world, lake, { fault });
  return found.length > 0 ? found : upToDate(play);
};

const idleRun: Step = async (play) => {
  const found = await upToDate(play);
  return found.length > 0 ? found : idle(play.world, play.lake);
};

const rebuild: Step = async (play) =>
  settle(play, await run(play.world, play.lake, { argv: ['rebuild', '-q', '--json'] }));

const verify: Step = async (play) => {
  const found = await upToDate(play);
  return found.length > 0 ? found : verified(play.world, play.lake);
};

const repair: Step = ({ world, lake }) => loadByHand(world, lake, ['repair', '--json']);
const vacuum: Step = ({ world, lake }) => harmless(world, lake, 'vacuum', '--keep', '1', '--json');

function somebody({ world, draw, lake }: Play): Person | undefined {
  const known = lake.expected;
  const all = known === undefined ? [] : buyers(world.people, known, lake.erased);
  return all.length === 0 ? undefined : draw.of(all);
}

const erasing =
  (isKilled: boolean): Step =>
  async (play) => {
    const { world, lake, draw } = play;
    const before = await upToDate(play);
    const person = somebody(play);
    if (before.length > 0 || person === undefined) return before;
    play.said.push(`erase ${nameOf(person)}`);
    if (draw.once(3)) {
      const found = await dryErase(world, lake, person);
      if (found.length > 0) return found;
    }
    // Files that no run has read yet are erased from as well.
    if (draw.once(3)) await change(play, 'write');
    const fault = isKilled ? faultOf(draw) : undefined;
    const { found, refused } = await erase(world, lake, person, fault);
    if (found.length > 0 || !draw.once(3)) return settle(play, { found, refused });
    const again = await run(world, lake);
    return settle(play, again);
  };

/** `cp -a` of the whole lake and back: nothing but the disk knows of it. */
const copiedInPlace: Step = async (play) => {
  const found = await upToDate(play);
  if (found.length > 0) return found;
  const { world, lake } = play;
  const aside = join(world.folder, 'aside');
  copyFolder(lake.root, aside);
  await rm(lake.root, { recursive: true });
  copyFolder(aside, lake.root);
  await rm(aside, { recursive: true });
  world.counts.copies += 1;
  const again = (await run(world, lake)).found;
  return again.length > 0 ? again : verified(world, lake);
};

/** A copy of the lake for a trial, which names production's table: nothing that is done to it may reach that table once production went on. */
const trialCopy: Step = async (play) => {
  const found = await upToDate(play);
  if (found.length > 0) return found;
  const { world, lake, draw } = play;
  const root = join(world.folder, 'trial');
  const trial: Lake = { ...remembered(lake), root, config: `${root}.json` };
  copyFolder(lake.root, root);
  await writeConfig(trial);
  world.counts.copies += 1;
  const commits = lake.expected;
  await change(play, 'write');
  const production = await upToDate(play);
  if (production.length > 0 || lake.expected === commits) return production;
  try {
    return await onTrial(play, trial, isMet('copies') ? draw.below(4) : 0);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
};

async function onTrial(play: Play, trial: Lake, kind: number): Promise<string[]> {
  const { world } = play;
  const person = somebody({ ...play, lake: trial });
  if (kind === 0) await change(play, 'write', trial);
  play.said.push(`on the copy: ${['run', 'erase', 'repair', 'adopt'][kind]}`);
  const table = await tableDump(world, trial);
  const may = await mayLoad(world, trial);
  const found =
    kind === 0
      ? (await run(world, trial)).found
      : kind === 1 && person !== undefined
        ? (await erase(world, trial, person)).found
        : await loadByHand(world, trial, kind === 2 ? ['repair'] : ['adopt', '--yes', '--json']);
  if (found.length > 0) return found;
  if (!may && (await tableDump(world, trial)) !== table) return ['a copy leaves the table alone'];
  return may ? takeOver(world, play.lake) : verified(world, play.lake);
}

const backUp: Step = async (play) => {
  const { world, lake } = play;
  const folder = join(world.folder, 'backup');
  await rm(folder, { recursive: true, force: true });
  copyFolder(lake.root, folder);
  play.backup = { folder, lake: remembered(lake) };
  world.counts.backups += 1;
  return [];
};

/** An older lake in place of the newer one, whoever was erased since among its customers. */
const restore: Step = async (play) => {
  const { world, backup, lake } = play;
  if (backup === undefined) return backUp(play);
  await rm(lake.root, { recursive: true });
  copyFolder(backup.folder, lake.root);
  const { root, config } = lake;
  play.lake = { ...remembered(backup.lake), root, config };
  await writeConfig(play.lake);
  if (play.draw.once(2)) await change(play, 'write');
  return settle(play, await run(world, play.lake));
};

const backUpTable: Step = async (play) => {
  const { world, lake } = play;
  const tables = await tablesOf(world.databases.of(lake.warehouse));
  if (tables !== undefined) play.tables = { tables, rows: world.tables.get(lake.warehouse) ?? '' };
  world.counts.backups += 1;
  return [];
};

/** An older table: the next run brings it to the newest gold, or refuses where the lake does not know its commit. */
const restoreTable: Step = async (play) => {
  const { world, lake, tables } = play;
  const db = world.databases.of(lake.warehouse);
  if (tables === undefined || db === undefined) return backUpTable(play);
  await putTablesBack(db, tables.tables);
  world.tables.set(lake.warehouse, tables.rows);
  return settle(play, await run(world, lake));
};

/** The lake that lies beside, with a database of its own. */
const otherLake: Step = async (play) => {
  const { other, world, draw } = play;
  if (other.objects.size === 0) await writeConfig(other);
  for (let left = 1 + draw.below(2); left > 0; left--) await change(play, 'write', other);
  // The same names in both.
  for (const object of [...play.lake.objects.values()].slice(0, 1 + draw.below(3)))
    if (!other.objects.has(object.key)) await sameName(play, object.key);
  const found = await upToDate(play, other);
  return found.length > 0 ? found : verified(world, other);
};

async function sameName(play: Play, key: string): Promise<void> {
  const { other, lake, world, draw } = play;
  const object = lake.objects.get(key);
  if (object === undefined || key.endsWith('/base.csv')) return;
  other.objects.set(key, object);
  await CHANGES['replace']!({
    draw: { ...draw, of: (list) => list.find((one) => one === object) ?? draw.of(list) },
    lake: other,
    people: world.people,
    number: 0,
  });
}

/** A third lake names the database of the first: it is refused, and nothing is touched. */
const sharedTable: Step = async (play) => {
  const found = await upToDate(play);
  if (found.length > 0) return found;
  const { world, lake, draw } = play;
  const root = join(world.folder, `stranger${++play.numbers}`);
  const { warehouse, rates, settings } = lake;
  const stranger = emptyLake({ root, config: `${root}.json`, warehouse, rates, settings });
  await writeConfig(stranger);
  await change(play, 'write', stranger);
  const refused = await run(world, stranger);
  if (refused.found.length > 0 || !refused.refused) return refused.found;
  const by = draw.of([
    ['repair', '--json'],
    ['adopt', '--yes', '--json'],
  ]);
  const byHand = stranger.expected === undefined || !isMet('copies') ? [] : await loadByHand(world, stranger, by);
  return byHand.length > 0 ? byHand : running(play);
};

/** Columns, a key, a trigger or a rule of the table that are not as the migrations make them. */
const ALTERATIONS = [
  'ALTER TABLE customer_purchase_summary ALTER total_spent_aud TYPE decimal(18,0)',
  'ALTER TABLE customer_purchase_summary ALTER total_spent_aud TYPE double precision',
  'ALTER TABLE customer_purchase_summary ALTER first_purchase_date TYPE text',
  'ALTER TABLE customer_purchase_summary ALTER full_name TYPE char(300)',
  'ALTER TABLE customer_purchase_summary DROP CONSTRAINT customer_purchase_summary_pkey',
  'CREATE RULE drops AS ON UPDATE TO customer_purchase_summary DO INSTEAD NOTHING',
  `CREATE FUNCTION halves() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.total_spent_aud := NEW.total_spent_aud / 2; RETURN NEW; END $$;
   CREATE TRIGGER halves BEFORE INSERT OR UPDATE ON customer_purchase_summary FOR EACH ROW EXECUTE FUNCTION halves()`,
] as const;

/** A table of another shape is refused as long as it has it, whatever the load would change. */
const alteredTable: Step = async (play) => {
  const found = await upToDate(play);
  const { world, lake, draw } = play;
  const db = world.databases.of(lake.warehouse);
  if (found.length > 0 || db === undefined) return found;
  const alteration = draw.of(ALTERATIONS);
  play.said.push(alteration.slice(0, 80));
  await db.exec(alteration);
  await change(play, 'write');
  const before = await tableDump(world, lake);
  const { found: wrong, refused } = await run(world, { ...remembered(lake) });
  const isRefused = refused || wrong.some((line) => line.startsWith('run ends well'));
  if (!isRefused) return [`a table of another shape is refused: ${alteration.slice(0, 80)}`];
  if ((await tableDump(world, lake)) !== before) return ['a refusal leaves the table alone'];
  // The operator gives the lake a new database.
  await db.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  play.tables = undefined;
  world.tables.delete(lake.warehouse);
  return running(play);
};

export const STEPS: readonly (readonly [name: string, weight: number, step: Step])[] = [
  ['run', 3, running],
  ['killedRun', 3, killedRun],
  ['idle', 1, idleRun],
  ['rebuild', 1, rebuild],
  ['verify', 1, verify],
  ['repair', 1, repair],
  ['vacuum', 1, vacuum],
  ['erase', 3, erasing(false)],
  ['killedErase', 1, erasing(true)],
  ['copiedInPlace', 1, copiedInPlace],
  ['trialCopy', 2, trialCopy],
  ['backUp', 1, backUp],
  ['restore', 1, restore],
  ['backUpTable', 1, backUpTable],
  ['restoreTable', 1, restoreTable],
  ['otherLake', 2, otherLake],
  ['sharedTable', 1, sharedTable],
  ['alteredTable', 1, alteredTable],
];
export { putBase };
