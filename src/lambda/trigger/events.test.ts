import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventInvalid } from '../../errors.ts';
import { decodeEvent } from './events.ts';
import { runOfEvents, runOfSweep, type StartRun } from './executions.ts';
import { triggerHandler } from './trigger.ts';

const LAKE = 's3://customer-purchases/datalake';

/** A record as in the documentation of S3; `key` arrives encoded. */
const record = (key: string, more: Record<string, unknown> = {}, object: object = {}): object => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  awsRegion: 'ap-southeast-2',
  eventTime: '2026-10-20T01:02:03.000Z',
  eventName: 'ObjectCreated:Put',
  userIdentity: { principalId: 'AWS:AIDAEXAMPLE' },
  requestParameters: { sourceIPAddress: '127.0.0.1' },
  responseElements: { 'x-amz-request-id': 'C3D13FE58DE4C810' },
  s3: {
    s3SchemaVersion: '1.0',
    configurationId: 'bronze',
    bucket: { name: 'customer-purchases', arn: 'arn:aws:s3:::customer-purchases' },
    object: {
      key,
      size: 1024,
      eTag: 'd41d8cd98f00b204e9800998ecf8427e',
      sequencer: '0055AED6DCD90281E5',
      ...object,
    },
  },
  ...more,
});
const notice = (...Records: object[]): object => ({ Records });
const withoutSequencer = { sequencer: undefined };
const TEST_EVENT = { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'customer-purchases' };
const bridged = (key: string, kind = 'Object Created'): object => ({
  version: '0',
  id: '17793124-05d4-b198-2fde-7ededc63b103',
  'detail-type': kind,
  source: 'aws.s3',
  account: '123456789012',
  time: '2026-10-20T01:02:03Z',
  region: 'ap-southeast-2',
  resources: ['arn:aws:s3:::customer-purchases'],
  detail: {
    version: '0',
    bucket: { name: 'customer-purchases' },
    object: {
      key,
      size: 5,
      etag: 'b1946ac92492d2347c6235b4d2611184',
      sequencer: '00617F08299329D189',
    },
    reason: 'PutObject',
  },
});
const queued = (...bodies: unknown[]): object => ({
  Records: bodies.map((body, at) => ({
    messageId: `message-${at}`,
    receiptHandle: 'AQEB',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '1',
      SenderId: 'S3',
      ApproximateFirstReceiveTimestamp: '1',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:ap-southeast-2:123456789012:bronze',
    awsRegion: 'ap-southeast-2',
  })),
});

const keysOf = (event: unknown): string[] => decodeEvent(event).objects.map(({ key }) => key);

describe('an event of S3', () => {
  test.each([
    ['a blank is a plus', 'datalake/bronze/a+b.csv', 'datalake/bronze/a b.csv'],
    ['a plus is encoded', 'datalake/bronze/a%2Bb.csv', 'datalake/bronze/a+b.csv'],
    ['slashes may be encoded', 'datalake%2Fbronze%2Fx.csv', 'datalake/bronze/x.csv'],
    ['an encoded per cent sign is decoded once', 'bronze/%252F.csv', 'bronze/%2F.csv'],
    ['partitions', 'bronze/year%3D2026/x.csv', 'bronze/year=2026/x.csv'],
    ['letters of all scripts', 'bronze/%E8%B3%BC%E5%85%A5.csv', 'bronze/購入.csv'],
  ])('names its key as a form would: %s', (_, encoded, key) => {
    expect(keysOf(notice(record(encoded)))).toEqual([key]);
    expect(keysOf(notice(record(encoded, {}, withoutSequencer)))).toEqual([key]);
  });

  test('restores any key that was encoded for it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (key) => {
        const encoded = encodeURIComponent(key).replaceAll('%20', '+');
        expect(keysOf(notice(record(encoded)))).toEqual([key]);
        expect(keysOf(notice(record(encoded.replaceAll('%2F', '/'))))).toEqual([key]);
      }),
    );
  });

  test('is read record by record: a bad one blocks no good one', () => {
    const bad = [
      record('bronze/%E8%B3.csv'),
      record('bronze/b.csv', { eventVersion: '3.0' }),
      { eventSource: 'aws:ses' },
      record('bronze/c.csv', { s3: {} }),
    ];
    const { objects, faults } = decodeEvent(
      notice(record('bronze/a.csv'), ...bad, record('bronze/d.csv')),
    );
    expect(objects.map(({ key }) => key)).toEqual(['bronze/a.csv', 'bronze/d.csv']);
    expect(faults).toHaveLength(4);
  });

  test.each(['2.0', '2.1', '2.2', '2.99'])('of version %s is understood', (eventVersion) => {
    expect(keysOf(notice(record('bronze/a.csv', { eventVersion })))).toEqual(['bronze/a.csv']);
  });

  test.each([
    'ObjectRemoved:Delete',
    'ObjectRemoved:DeleteMarkerCreated',
    'LifecycleExpiration:Delete',
    'ObjectCreated:CompleteMultipartUpload',
    'ObjectRestore:Completed',
  ])('%s starts a run, since bronze has changed', (eventName) => {
    expect(keysOf(notice(record('bronze/a.csv', { eventName })))).toEqual(['bronze/a.csv']);
  });

  test.each([
    ['a test event', TEST_EVENT, 's3:TestEvent'],
    [
      'new tags',
      notice(record('bronze/a.csv', { eventName: 'ObjectTagging:Put' })),
      'ObjectTagging:Put',
    ],
    [
      'a restore that began',
      notice(record('a', { eventName: 'ObjectRestore:Post' })),
      'ObjectRestore:Post',
    ],
    [
      'new tags through EventBridge',
      bridged('bronze/a.csv', 'Object Tags Added'),
      'Object Tags Added',
    ],
  ])('that starts no run is counted and ignored: %s', (_, event, kind) => {
    expect(decodeEvent(event)).toEqual({ objects: [], ignored: [kind], faults: [] });
  });

  test('through EventBridge names its key as it is', () => {
    expect(keysOf(bridged('bronze/a+b %41.csv'))).toEqual(['bronze/a+b %41.csv']);
    expect(keysOf(bridged('bronze/a.csv', 'Object Deleted'))).toEqual(['bronze/a.csv']);
  });

  test.each([
    { year: '2026', month: '01', day: '31', s3_path: 's3://b/bronze/2026/01/31/' },
    { s3_path: 's3://b/bronze/2026/01/31/' },
  ])('may be the hint of the first design: %j', (hint) => {
    expect(decodeEvent(hint).objects).toMatchObject([{ bucket: 'b', key: 'bronze/2026/01/31/' }]);
  });

  test.each([[{}], [null], ['text'], [{ Records: 'none' }], [{ source: 'aws.ec2' }]])(
    'is refused where it is invalid: %j',
    (event) => {
      expect(() => decodeEvent(event)).toThrow(EventInvalid);
    },
  );
});

/**
 * The result of the trigger, and the names of the runs that it started, as Step Functions remembers
 * them.
 */
async function triggered(...events: unknown[]) {
  const started = new Map<string, string>();
  const start: StartRun = async (name, reason) => {
    if (started.has(name)) return false;
    started.set(name, reason);
    return true;
  };
  const handler = triggerHandler(LAKE, start);
  const responses = [];
  for (const event of events) responses.push(await handler(event));
  return { responses, reasons: [...started.values()], names: [...started.keys()] };
}

describe('the trigger', () => {
  const [a, b] = [record('datalake/bronze/a.csv'), record('datalake/bronze/b.csv')];

  test('starts one run for a burst of events', async () => {
    const { reasons, responses } = await triggered(
      queued(notice(a, b), notice(record('datalake/bronze/c.csv')), TEST_EVENT),
    );
    expect(reasons).toEqual(['events of 3 objects']);
    expect(responses[0]?.batchItemFailures).toEqual([]);
  });

  test('starts nothing new for the same events, in any number and order', async () => {
    const { names } = await triggered(
      queued(notice(a), notice(b)),
      queued(notice(b), notice(a), notice(b)),
      queued(notice(b, a)),
      notice(a, b),
    );
    expect(names).toHaveLength(1);
    expect(names[0]).toMatch(/^[\w-]{1,80}$/);
  });

  test('starts a run for a new version of a known key', async () => {
    const again = record('datalake/bronze/a.csv', {}, { sequencer: '0055AED6DCD90281E6' });
    const later = record(
      'datalake/bronze/a.csv',
      { eventTime: '2026-10-20T01:02:04.000Z' },
      withoutSequencer,
    );
    const { names } = await triggered(notice(a), notice(again), notice(later));
    expect(names).toHaveLength(3);
  });

  test('returns the messages that cannot be read, and processes the others', async () => {
    const { responses, reasons } = await triggered(
      queued('no json', notice(a), notice(record('datalake/bronze/%E8.csv'), b), { Records: 7 }),
    );
    const failed = responses[0]?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    expect(failed).toEqual(['message-0', 'message-2', 'message-3']);
    expect(reasons).toEqual(['events of 2 objects']);
  });

  test('fails where a direct event holds a bad record, after processing the good ones', async () => {
    const started: string[] = [];
    const handler = triggerHandler(LAKE, async (name) => started.push(name) > 0);
    await expect(handler(notice(a, record('%E8')))).rejects.toThrow(EventInvalid);
    expect(started).toHaveLength(1);
  });

  test('returns every message to the queue if no run can be started', async () => {
    const handler = triggerHandler(LAKE, () => Promise.reject(new Error('ThrottlingException')));
    await expect(handler(queued(notice(a)))).rejects.toThrow('ThrottlingException');
  });

  test.each([
    [
      'of another bucket',
      notice({
        ...record('datalake/bronze/a.csv'),
        s3: { bucket: { name: 'other' }, object: { key: 'datalake/bronze/a.csv' } },
      }),
    ],
    ['of silver', notice(record('datalake/silver/a.parquet'))],
    ['of a folder whose name begins alike', notice(record('datalake/bronze-old/a.csv'))],
    ['of another lake', notice(record('datalake2/bronze/a.csv'))],
    ['outside the lake', notice(record('bronze/a.csv'))],
  ])('ignores an object %s', async (_, event) => {
    expect((await triggered(event)).names).toEqual([]);
  });

  test.each([
    ['EventBridge', bridged('datalake/bronze/a.csv')],
    ['EventBridge through SQS', queued(bridged('datalake/bronze/a.csv'))],
    [
      'a hint at an object',
      {
        year: 2026,
        month: 1,
        day: 31,
        s3_path: 's3://customer-purchases/datalake/bronze/2026/01/31/a.csv',
      },
    ],
    ['a hint at all of bronze', { s3_path: 's3://customer-purchases/datalake/bronze' }],
  ])('takes %s', async (_, event) => {
    expect((await triggered(event)).reasons).toEqual(['event of 1 object']);
  });
});

test('a run of the same events has the same name in any order of the events', () => {
  const event = fc.record({ bucket: fc.constant('b'), key: fc.string(), version: fc.string() });
  fc.assert(
    fc.property(fc.array(event, { minLength: 1 }), (events) => {
      expect(runOfEvents([...events, ...events].toReversed())).toEqual(runOfEvents(events));
    }),
  );
});

test('a schedule that fires twice sweeps once', () => {
  expect(runOfSweep('2026-10-20T01:00:00Z')).toBe('sweep-20261020T0100');
  expect(runOfSweep('2026-10-20T01:00:31.123Z')).toBe(runOfSweep('2026-10-20T01:00:00Z'));
});
