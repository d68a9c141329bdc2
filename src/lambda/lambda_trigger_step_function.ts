import type { Context } from 'aws-lambda';
import { startRuns } from './trigger/executions.ts';
import { logger, presentable } from './runtime/logging.ts';
import { type Triggered, triggerHandler } from './trigger/trigger.ts';
import { wire } from './runtime/wiring.ts';

const wired = wire().then(({ config, settings }) =>
  triggerHandler(config.lake, startRuns(settings.stateMachine)),
);
wired.catch(() => undefined);

/** Starts a run of the state machine for S3 events, sent directly or through SQS or EventBridge. */
export async function handler(event: unknown, context: Context): Promise<Triggered> {
  logger.addContext(context);
  try {
    return await (
      await wired
    )(event);
  } catch (error) {
    throw presentable(error);
  }
}
