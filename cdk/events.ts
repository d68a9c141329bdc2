import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { CfnQueuePolicy, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { StackChoices } from './props.ts';
import type { Storage } from './storage.ts';

/** Six times the trigger's own timeout, as Lambda recommends for a queue that it polls. */
const VISIBILITY = Duration.seconds(360);
const TRIES = 3;

export type EventsProps = { storage: Storage; choices: StackChoices };

/**
 * Uploads and removals below bronze/ send messages to a queue. A message that cannot be read goes
 * to the dead-letter queue after a few tries.
 */
export class Events extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { storage, choices }: EventsProps) {
    super(scope, id);
    const { key, lake } = storage;
    const common = { encryption: QueueEncryption.KMS, encryptionMasterKey: key, enforceSSL: true };
    this.deadLetters = new Queue(this, 'DeadLetters', {
      ...common,
      retentionPeriod: Duration.days(14),
    });
    this.queue = new Queue(this, 'Uploads', {
      ...common,
      visibilityTimeout: VISIBILITY,
      retentionPeriod: Duration.days(14),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: TRIES },
    });
    this.queue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('s3.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.queue.queueArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    // Set on the bucket itself: the library's helper is a Lambda function that may change every
    // bucket.
    const bucket = lake.node.defaultChild as CfnBucket;
    bucket.notificationConfiguration = {
      queueConfigurations: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'].map((event) => ({
        event,
        queue: this.queue.queueArn,
        filter: { s3Key: { rules: [{ name: 'prefix', value: `${choices.lakePrefix}/bronze/` }] } },
      })),
    };
    // S3 checks that it may send to the queue when the bucket is created.
    for (const child of this.queue.node.findAll())
      if (child instanceof CfnQueuePolicy) bucket.addResourceDependency(child);
  }
}
