import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { EventInvalid } from '../../errors.ts';
import { BRONZE } from '../../lake/layout.ts';
import { type Decoded, decodeEvent, type ObjectEvent } from './events.ts';
import { runOfEvents, type StartRun } from './executions.ts';
import { logger, metrics, presentable } from '../runtime/logging.ts';

/** What the trigger did. A queue is told which messages it should bring again. */
export type Triggered = SQSBatchResponse & { run: string | null };

/**
 * Answers events by one run for all of them: the run looks at the whole of bronze, so a burst needs
 * no more. A message that cannot be read is named to the queue, which brings it again and in the
 * end puts it aside; the others are answered all the same. Where the run cannot be started the call
 * fails and every message comes again. Errors: `EventInvalid` where the event came without a queue.
 */
export function triggerHandler(
  lake: string,
  start: StartRun,
): (event: unknown) => Promise<Triggered> {
  const isOurs = bronzeOf(lake);
  return async (event) => {
    const { decoded, failures } = isQueued(event) ? await fromQueue(event) : direct(event);
    const taken = decoded.objects.filter(isOurs);
    const run = taken.length === 0 ? null : await started(taken, start);
    count(decoded, taken.length, failures.length);
    if (!isQueued(event) && decoded.faults.length > 0) throw invalid(decoded.faults);
    return { batchItemFailures: failures, run };
  };
}

const invalid = (faults: readonly string[]): EventInvalid =>
  new EventInvalid(`The event holds ${faults.join('; ')}.`, {
    hint: 'The records that could be read were answered. The sweep finds whatever this one was about.',
  });

/** Whether an event is about an object of the lake's bronze layer. */
function bronzeOf(lake: string): (event: ObjectEvent) => boolean {
  const [, ours = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(lake) ?? [];
  const bronze = `${prefix === '' ? '' : `${prefix}/`}${BRONZE}`;
  // A hint may name a folder, bronze itself too.
  return ({ bucket, key }) => bucket === ours && `${key}/`.startsWith(bronze);
}

function isQueued(event: unknown): event is SQSEvent {
  const { Records } = Object(event);
  return Array.isArray(Records) && Object(Records[0])['eventSource'] === 'aws:sqs';
}

type Read = { decoded: Decoded; failures: SQSBatchResponse['batchItemFailures'] };

const direct = (event: unknown): Read => ({ decoded: decodeEvent(event), failures: [] });

async function fromQueue(event: SQSEvent): Promise<Read> {
  const decoded: Decoded = { objects: [], ignored: [], faults: [] };
  const take = async ({ body, messageId }: SQSRecord): Promise<void> => {
    try {
      const { objects, ignored, faults } = decodeEvent(parsed(body));
      decoded.objects.push(...objects);
      decoded.ignored.push(...ignored);
      if (faults.length > 0) throw invalid(faults);
    } catch (error) {
      const { name, message } = presentable(error);
      logger.error('a message cannot be read', {
        message_id: messageId,
        fault: `${name}: ${message}`,
      });
      throw error;
    }
  };
  const processor = new BatchProcessor(EventType.SQS);
  const options = { throwOnFullBatchFailure: false };
  const { batchItemFailures } = await processPartialResponse(event, take, processor, options);
  return { decoded, failures: batchItemFailures };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new EventInvalid('The message is not JSON.', { cause });
  }
}

async function started(taken: readonly ObjectEvent[], start: StartRun): Promise<string> {
  const { name, objects } = runOfEvents(taken);
  const isNew = await start(name, `events of ${objects} objects`);
  logger.info(isNew ? 'run started' : 'run was started before', { run_id: name, objects });
  if (isNew) metrics.addMetric('ExecutionsStarted', MetricUnit.Count, 1);
  return name;
}

function count({ objects, ignored }: Decoded, taken: number, refused: number): void {
  const foreign = objects.length - taken;
  if (ignored.length + foreign > 0)
    logger.info('events ignored', { kinds: [...new Set(ignored)], foreign });
  metrics.addMetric('EventsTaken', MetricUnit.Count, taken);
  metrics.addMetric('EventsIgnored', MetricUnit.Count, ignored.length + foreign);
  metrics.addMetric('EventsRefused', MetricUnit.Count, refused);
  metrics.publishStoredMetrics();
}
