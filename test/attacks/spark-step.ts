import { fileURLToPath } from 'node:url';
import { run } from './commands.ts';
import { change, settle, type Step, upToDate } from './play.ts';

const PYTHON =
  process.env['PURCHASES_TEST_PYTHON'] ??
  fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));

/**
 * A run by Spark, in a process of its own. The environment of that process holds nothing of the
 * mapping.
 */
const BY_SPARK = ['run', '-q', '--json', '--engine', 'spark', '--master', 'local[1]'];

/**
 * Spark reads what changed, and again the files that only the disk reports as changed: committed
 * files stay the same, byte for byte.
 */
export const sparkRun: Step = async (play) => {
  const { world, lake } = play;
  process.env['PLANTED_SECRET'] = 'hunter2';
  const argv = [...BY_SPARK, '--python', PYTHON];
  const first = await settle(play, await run(world, lake, { argv }));
  if (first.length > 0) return first;
  await change(play, 'touch');
  await change(play, 'touch');
  const again = await settle(play, await run(world, lake, { argv }));
  return again.length > 0 || play.draw.once(2) ? again : upToDate(play);
};
