import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { OutOfTime } from '../../errors.ts';
import { settled } from '../../state-machine/deadline.ts';
import {
  asRunState,
  type Progress,
  type RunState,
  type StepName,
} from '../../state-machine/run-state.ts';
import { createSteps } from '../../state-machine/steps/index.ts';
import { inputOf } from './input.ts';
import { measure } from './metrics.ts';
import { logger, metrics, presentable } from './logging.ts';
import { type OpenEngine, stepDeps, wire } from './wiring.ts';

/**
 * A step is asked to stop this long before the function would be killed, and has this long to stop.
 */
const MARGIN_MS = 4000;
const GRACE_MS = 2500;

/**
 * The handler of a state: the same step as on a laptop, over S3 and the serving database. Clients
 * are created once per sandbox.
 */
export function stepHandler(name: StepName, open?: OpenEngine) {
  const wired = wire().then((all) => {
    const deps = stepDeps(all, open);
    return { deps, steps: createSteps(deps) };
  });
  // Each call reports a faulty configuration; otherwise the sandbox would die of it.
  wired.catch(() => undefined);

  return async (event: unknown, context: Context): Promise<RunState> => {
    logger.addContext(context);
    try {
      const { deps, steps } = await wired;
      const state = inputOf(name, event, deps);
      logger.appendKeys({ run_id: state.run_id, state: name, try: state.tries });
      const output = await inTime(name, context, (signal, emit) =>
        steps[name](state, { signal, stateName: name, emit }),
      );
      await measure(name, deps, output);
      return asRunState(output, `The output of ${name}`);
    } catch (error) {
      const shown = presentable(error);
      logger.error('failed', { error: shown.name, message_text: shown.message });
      throw shown;
    } finally {
      metrics.publishStoredMetrics();
      logger.resetKeys();
    }
  };
}

/** The number of skipped names in one log entry. */
const MOST_LOGGED = 20;

type Work = (signal: AbortSignal, emit: (progress: Progress) => void) => Promise<RunState>;

async function inTime(name: StepName, context: Context, work: Work): Promise<RunState> {
  const late = new AbortController();
  const remaining = Math.max(1, context.getRemainingTimeInMillis() - MARGIN_MS);
  const started = performance.now();
  let reported: Progress = {};
  const running = work(late.signal, (progress) => {
    reported = { ...reported, ...progress };
  });
  const timer = setTimeout(() => late.abort(), remaining);
  try {
    const stopped = new Promise<undefined>((resolve) => {
      late.signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    const output = await Promise.race([running, stopped]);
    if (output === undefined) throw await outOfTime(name, running, remaining);
    const seconds = Math.round(performance.now() - started) / 1000;
    const { message: said, skipped = [], ...counts } = reported;
    logger.info('done', {
      ...counts,
      said,
      ...(skipped.length > 0 ? { skipped: skipped.slice(0, MOST_LOGGED) } : {}),
      work: output.work,
      engine: output.engine,
      seq: output.seq,
      seconds,
    });
    metrics.addMetric(`${name}Seconds`, MetricUnit.Seconds, seconds);
    return output;
  } finally {
    clearTimeout(timer);
  }
}

async function outOfTime(
  name: StepName,
  running: Promise<unknown>,
  ms: number,
): Promise<OutOfTime> {
  await settled(running, GRACE_MS);
  return new OutOfTime(`${name} was not done within ${Math.round(ms / 1000)} s.`, {
    hint: 'Send work of this size to Glue: deploy with a smaller PURCHASES_CLUSTER_BYTES.',
  });
}
