import type { Draw } from '../faults/lake-history.ts';
import type { Tables } from '../faults/tables.ts';
import type { Fault } from '../faults/tripwire.ts';
import { CHANGES } from './changes.ts';
import { type Played, run, takeOver } from './commands.ts';
import { buyers, expectedNow, type Lake, removeObject } from './lake.ts';
import type { Person } from './people.ts';
import { mayLoad } from './serving.ts';
import type { World } from './world.ts';

/** A history in progress. `said`: its log, step by step. */
export type Play = {
  world: World;
  draw: Draw;
  lake: Lake;
  other: Lake;
  backup: { folder: string; lake: Lake } | undefined;
  tables: { tables: Tables; rows: string } | undefined;
  numbers: number;
  log: string[];
};

export type Step = (play: Play) => Promise<string[]>;

/** A point at which a command dies. */
export const faultOf = (draw: Draw): Fault => ({
  at: draw.below(draw.once(2) ? 25 : 110),
  when: draw.of(['before', 'midway', 'after'] as const),
});

/** One of the changes that need no command. */
export async function change(play: Play, name: string, lake = play.lake): Promise<void> {
  const { draw, world } = play;
  const what = await CHANGES[name]!({ draw, lake, people: world.people, number: ++play.numbers });
  play.log.push(`${name} ${what}`);
}

/** Removes every file that blocks a run, as the operator would, and ends with a successful run. */
export async function settle(
  play: Play,
  { found, refused }: Played,
  lake = play.lake,
): Promise<string[]> {
  if (found.length > 0 || !refused) return found;
  const { world } = play;
  for (const id of expectedNow(lake).collisions)
    for (const [key, { texts }] of lake.objects)
      if (texts.some((text) => text.includes(id))) await removeObject(lake, key);
  if (!(await mayLoad(world, lake)) && lake.expected !== undefined) {
    const taken = await takeOver(world, lake);
    if (taken.length > 0) return taken;
  }
  play.log.push('settle: run');
  return (await run(world, lake)).found;
}

/** Runs until every file is read, so that the next step starts from an up-to-date lake. */
export async function upToDate(play: Play, lake = play.lake): Promise<string[]> {
  return settle(play, await run(play.world, lake), lake);
}

/** A person who is known to the lake and was not erased from it. */
export function knownPerson({ world, draw, lake }: Play): Person | undefined {
  const known = lake.expected;
  const all = known === undefined ? [] : buyers(world.people, known, lake.erased);
  return all.length === 0 ? undefined : draw.of(all);
}
