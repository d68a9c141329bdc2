import type { Stage } from './stage.ts';

/**
 * The notice formats that AWS documents for one object and that moto does not send. `key` is
 * relative to bronze.
 */
const place = ({ raised }: Stage, key: string): { bucket: string; path: string } => ({
  bucket: raised.bucket,
  path: `${raised.lake.replace(/^s3:\/\/[^/]+\//, '')}/bronze/${key}`,
});

/** A record of an S3 notification: the key is form-encoded, except for slashes. */
export function s3Record(stage: Stage, key: string, sequencer: string): object {
  const { bucket, path } = place(stage, key);
  return {
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
      bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
      object: {
        key: encodeURIComponent(path).replaceAll('%20', '+').replaceAll('%2F', '/'),
        size: 1024,
        eTag: 'd41d8cd98f00b204e9800998ecf8427e',
        versionId: '096fKKXTRTtl3on89fVO.nfljtsv6qko',
        sequencer,
      },
    },
  };
}

/** An event of EventBridge: the key as it is. */
export function bridgeEvent(stage: Stage, key: string, sequencer: string): object {
  const { bucket, path } = place(stage, key);
  return {
    version: '0',
    id: '17793124-05d4-b198-2fde-7ededc63b103',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: '123456789012',
    time: '2026-10-20T01:02:03Z',
    region: 'ap-southeast-2',
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: { key: path, size: 5, etag: 'b1946ac92492d2347c6235b4d2611184', sequencer },
      reason: 'PutObject',
    },
  };
}

/** Messages of a queue as Lambda passes them on, `m-0` and so forth. */
export const queued = ({ raised }: Stage, ...bodies: (object | string)[]): object => ({
  Records: bodies.map((body, at) => ({
    messageId: `m-${at}`,
    receiptHandle: 'AQEB',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: { ApproximateReceiveCount: '1' },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: raised.mapping.queueArn,
    awsRegion: 'ap-southeast-2',
  })),
});
