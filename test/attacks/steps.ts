import { dryErase, erase, harmless, idle, loadTable, run, verified } from './commands.ts';
import { CHANGES } from './changes.ts';
import { backUp, copiedInPlace, restore, trialCopy } from './copy-steps.ts';
import { writeConfig } from './lake.ts';
import { nameOf } from './people.ts';
import { change, faultOf, type Play, settle, knownPerson, type Step, upToDate } from './play.ts';
import { sparkRun } from './spark-step.ts';
import { alteredTable, backUpTable, restoreTable, sharedTable, sideBySide } from './table-steps.ts';

const running: Step = async (play) => settle(play, await run(play.world, play.lake));

const killedRun: Step = async (play) => {
  const { world, lake, draw } = play;
  const fault = faultOf(draw);
  play.log.push(JSON.stringify(fault));
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

const repair: Step = ({ world, lake }) => loadTable(world, lake, ['repair', '--json']);
const vacuum: Step = ({ world, lake }) => harmless(world, lake, 'vacuum', '--keep', '1', '--json');

const erasing =
  (isKilled: boolean): Step =>
  async (play) => {
    const { world, lake, draw } = play;
    const before = await upToDate(play);
    const person = knownPerson(play);
    if (before.length > 0 || person === undefined) return before;
    play.log.push(`erase ${nameOf(person)}`);
    if (draw.once(3)) {
      const found = await dryErase(world, lake, person);
      if (found.length > 0) return found;
    }
    // Erasure also covers files that no run has read yet.
    if (draw.once(3)) await change(play, 'write');
    const fault = isKilled ? faultOf(draw) : undefined;
    const { found, refused } = await erase(world, lake, person, fault);
    if (found.length > 0 || !draw.once(3)) return settle(play, { found, refused });
    const again = await run(world, lake);
    return settle(play, again);
  };

/** The neighbouring lake, with a database of its own. */
const otherLake: Step = async (play) => {
  const { other, world, draw } = play;
  // Both read the same file of rates.
  other.settings = { ...other.settings, rates: play.lake.settings.rates };
  await writeConfig(other);
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

/** Spark takes seconds per run: only histories that ask for it use it. */
const SPARK = process.env['PURCHASES_TEST_ATTACKS_SPARK'] !== undefined;

/** The steps of a history between changes, and their frequencies. */
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
  ['sideBySide', 1, sideBySide],
  ['sparkRun', SPARK ? 8 : 0, sparkRun],
];
