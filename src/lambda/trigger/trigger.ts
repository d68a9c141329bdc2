import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { EventInvalid } from '../../errors.ts';
import { BRONZE } from '../../lake/layout.ts';
import { type Decoded, decodeEvent, type ObjectEvent } from './events.ts';
import { runOfEvents, type StartRun } from './executions.ts';
import { logger, metrics, presentable } from '../runtime/logging.ts';

/**
 * The result of the trigger. The batch response lists the messages that the queue must deliver
 * again.
 */
export type Triggered = SQSBatchResponse & { run: string | null };

/**
 * Starts one run for all events: the run lists all of bronze, so one is enough for a burst. A
 * message that cannot be read is returned to the queue, which delivers it again and finally moves
 * it to the dead-letter queue; the others are processed. If the run cannot be started, the call
 * fails and every message is delivered again. Error: `EventInvalid` for a bad event that came
 * without a queue.
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
    hint: 'The records that could be read were processed. The sweep finds the object of this one.',
  });

/** True if an event concerns an object of the lake's bronze layer. */
function bronzeOf(lake: string): (event: ObjectEvent) => boolean {
  const [, ours = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(lake) ?? [];
  const bronze = `${prefix === '' ? '' : `${prefix}/`}${BRONZE}`;
  // A hint may name a folder, including bronze itself.
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
  const isNew = await start(
    name,
    objects === 1 ? 'event of 1 object' : `events of ${objects} objects`,
  );
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
