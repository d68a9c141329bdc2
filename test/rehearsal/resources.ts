import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateStateMachineCommand,
  GetExecutionHistoryCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { CreateQueueCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { readDefinition } from '../../src/state-machine/definition.ts';

const ACCOUNT = '123456789012';
const REGION = 'ap-southeast-2';
export const BUCKET = 'customer-purchases';
export const LAKE = `s3://${BUCKET}/datalake`;
export const MAX_RECEIVE = 3;

/** The queue of S3's notices, and the one for messages that were in vain `MAX_RECEIVE` times. */
export async function createQueues(client: SQSClient) {
  const create = async (QueueName: string, Attributes: Record<string, string>) => {
    const { QueueUrl: url = '' } = await client.send(
      new CreateQueueCommand({ QueueName, Attributes }),
    );
    return { url, arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${QueueName}` };
  };
  const dead = await create('bronze-dead', {});
  const bronze = await create('bronze', {
    // In the stack longer than the trigger may run; here nobody waits for that.
    VisibilityTimeout: '1',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: MAX_RECEIVE }),
  });
  return { dead, bronze };
}

/** The lake's bucket, which tells the queue of all that comes and goes below bronze/. */
export async function createBucket(client: S3Client, QueueArn: string): Promise<void> {
  await client.send(
    new CreateBucketCommand({
      Bucket: BUCKET,
      CreateBucketConfiguration: { LocationConstraint: REGION },
    }),
  );
  await client.send(
    new PutBucketVersioningCommand({
      Bucket: BUCKET,
      VersioningConfiguration: { Status: 'Enabled' },
    }),
  );
  await client.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: BUCKET,
      NotificationConfiguration: {
        QueueConfigurations: [
          {
            QueueArn,
            Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'],
            Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'datalake/bronze/' }] } },
          },
        ],
      },
    }),
  );
}

/** The one definition, its placeholders filled as the stack fills them. */
export async function createMachine(client: SFNClient): Promise<string> {
  const definition = JSON.stringify(readDefinition())
    .replaceAll(/\$\{(\w+)FunctionArn\}/g, `arn:aws:lambda:${REGION}:${ACCOUNT}:function:$1`)
    .replaceAll(/\$\{(\w+)JobName\}/g, '$1');
  const roleArn = `arn:aws:iam::${ACCOUNT}:role/purchases`;
  const { stateMachineArn = '' } = await client.send(
    new CreateStateMachineCommand({ name: 'purchases', definition, roleArn }),
  );
  return stateMachineArn;
}

/** The states that an execution entered, in order. */
export async function statesOf(
  client: SFNClient,
  machine: string,
  name: string,
): Promise<string[]> {
  const executionArn = `${machine.replace(':stateMachine:', ':execution:')}:${name}`;
  const { events = [] } = await client.send(
    new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }),
  );
  return events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
}
