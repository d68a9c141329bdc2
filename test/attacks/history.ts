import { join } from 'node:path';
import { drawing } from '../faults/lake-history.ts';
import { putBase } from './changes.ts';
import { idle } from './commands.ts';
import { isMet, isPlayed } from './hazards.ts';
import { emptyLake, writeConfig } from './lake.ts';
import { lakeFolders } from './odd-names.ts';
import { peopleOf } from './people.ts';
import { type Settings, settingsOf } from './settings.ts';
import { change, type Play, type Step } from './play.ts';
import { STEPS } from './steps.ts';
import { openWorld, type Environment } from './world.ts';

/** Result of a history; it passed if `found` is empty. */
export type Ended = { found: string[]; log: string[] };

const CHANGE_NAMES = [
  'write',
  'write',
  'write',
  'write',
  'replace',
  'replace',
  'remove',
  'touch',
  'touch',
  'rename',
  'resend',
  'settings',
] as const;

/**
 * Requirements for a history: `steps` are the names of the allowed steps, `collides` adds a
 * customer_id that customer keys may be assigned too, `rowKinds` are the kinds of rows to draw
 * from.
 */
export type Wish = {
  steps?: readonly string[];
  collides?: boolean;
  rowKinds?: readonly number[];
  settings?: Partial<Settings>;
};

/** Plays the history of the seed until a check fails or it ends. */
export async function played(
  environment: Environment,
  seed: number,
  wish: Wish = {},
): Promise<Ended> {
  const draw = drawing(seed);
  const settings = { ...settingsOf(draw), ...wish.settings };
  const drawn =
    draw.once(6) || wish.collides === true ? settings.firstCustomerId + draw.below(2) : undefined;
  const colliding = isMet('collisions') ? drawn : undefined;
  await using world = await openWorld(environment, {
    ...peopleOf(draw, seed, colliding),
    rowKinds: wish.rowKinds,
  });
  const [first, second] = lakeFolders(draw);
  const at = (name: string): string => join(world.folder, name);
  const rates = at(draw.once(2) && isMet('patterns') ? 'rates[1].csv' : 'rates.csv');
  const lake = emptyLake({
    root: at(first),
    config: at('one.json'),
    warehouse: at('db-one'),
    rates,
    settings,
  });
  const other = emptyLake({
    root: at(second),
    config: at('two.json'),
    warehouse: at('db-two'),
    rates,
    settings,
  });
  const play: Play = {
    world,
    draw,
    lake,
    other,
    backup: undefined,
    tables: undefined,
    numbers: 0,
    log: [`${first} next to ${second}, ${JSON.stringify({ ...settings, rates: rates.length })}`],
  };
  await writeConfig(lake);
  if (draw.once(2)) await putBase(lake);
  try {
    return { found: await stepsOf(play, wish), log: play.log };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { found: [`the harness goes on: ${text}`], log: play.log };
  }
}

const named = (name: string): Step => STEPS.find(([one]) => one === name)![2];

function drawnStep({ draw }: Play, names: readonly string[] | undefined): (typeof STEPS)[number] {
  const able = STEPS.filter(([name]) => names?.includes(name) ?? true);
  let at = draw.below(able.reduce((sum, [, weight]) => sum + weight, 0));
  const found = able.find(([, weight]) => (at -= weight) < 0);
  return found ?? STEPS[0]!;
}

async function doing(play: Play, name: string, does: Step): Promise<string[]> {
  play.log.push(name);
  play.world.counts.steps += 1;
  const found = await does(play);
  return found.map((line) => `step ${play.log.length} (${name}): ${line}`);
}

async function stepsOf(play: Play, { steps }: Wish): Promise<string[]> {
  const { draw } = play;
  for (let left = 2 + draw.below(3); left > 0; left--) await change(play, 'write');
  if (draw.once(6) && isMet('refusedNames')) await change(play, 'refusedNames');
  let found = await doing(play, 'run', named('run'));
  for (let left = 3 + draw.below(4); left > 0 && found.length === 0; left--) {
    for (let some = draw.below(3); some > 0; some--) await change(play, draw.of(CHANGE_NAMES));
    const [name, , does] = drawnStep(play, steps);
    if (isPlayed(name)) found = await doing(play, name, does);
  }
  for (const name of draw.once(2) ? ['verify', 'rebuild'] : ['verify'])
    if (found.length === 0) found = await doing(play, name, named(name));
  if (found.length === 0) found = await doing(play, 'idle', () => idle(play.world, play.lake));
  return found;
}
