import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { erase, loadTable, run, takeOver, verified } from './commands.ts';
import { isMet } from './hazards.ts';
import { copyFolder, type Lake, remembered, writeConfig } from './lake.ts';
import { change, type Play, settle, knownPerson, type Step, upToDate } from './play.ts';
import { mayLoad, tableDump } from './serving.ts';

/** `cp -a` of the whole lake and back: only the file system knows of it. */
export const copiedInPlace: Step = async (play) => {
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

/**
 * A copy of the lake for a trial that names production's table. No command on the copy may change
 * that table once production has advanced.
 */
export const trialCopy: Step = async (play) => {
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
  const person = knownPerson({ ...play, lake: trial });
  if (kind === 0) await change(play, 'write', trial);
  play.log.push(`on the copy: ${['run', 'erase', 'repair', 'adopt'][kind]}`);
  const table = await tableDump(world, trial);
  const may = await mayLoad(world, trial);
  const found =
    kind === 0
      ? (await run(world, trial)).found
      : kind === 1 && person !== undefined
        ? (await erase(world, trial, person)).found
        : await loadTable(world, trial, kind === 2 ? ['repair'] : ['adopt', '--yes', '--json']);
  if (found.length > 0) return found;
  if (!may && (await tableDump(world, trial)) !== table) return ['a copy leaves the table alone'];
  return may ? takeOver(world, play.lake) : verified(world, play.lake);
}

/** A backup of the lake, for later. */
export const backUp: Step = async (play) => {
  const { world, lake } = play;
  const folder = join(world.folder, 'backup');
  await rm(folder, { recursive: true, force: true });
  copyFolder(lake.root, folder);
  play.backup = { folder, lake: remembered(lake) };
  world.counts.backups += 1;
  return [];
};

/** Restores an older lake over the newer one; customers erased since then are in it. */
export const restore: Step = async (play) => {
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
