import type { Context } from 'aws-lambda';
import { runOfSweep, startRuns } from './trigger/executions.ts';
import { logger, presentable } from './runtime/logging.ts';
import { wire } from './runtime/wiring.ts';

const wired = wire().then(({ settings }) => startRuns(settings.stateMachine));
wired.catch(() => undefined);

/**
 * Runs the state machine on a schedule, to find changes that no event reported. `time` is the
 * schedule's own.
 */
export async function handler(
  event: { time?: string },
  context: Context,
): Promise<{ run: string }> {
  logger.addContext(context);
  try {
    const run = runOfSweep(event.time ?? new Date().toISOString());
    const isNew = await (await wired)(run, 'sweep');
    logger.info(isNew ? 'run started' : 'run was started before', { run_id: run });
    return { run };
  } catch (error) {
    throw presentable(error);
  }
}
