import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { CreateDatabaseCommand, GlueClient } from '@aws-sdk/client-glue';
import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  type QueueConfiguration,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Cloud } from '../servers/moto.ts';
import { PASSWORD, type TestServer } from '../servers/process.ts';
import { DATABASE_KINDS, KINDS, NOT_MADE } from './kinds.ts';
import type { FunctionSpec } from './sandboxes.ts';
import { ACCOUNT, type Attributes, REGION, resolver, type Template } from './template.ts';
/** The parts of the stack that the rehearsal uses. */
export type Raised = {
  bucket: string;
  lake: string;
  machine: string;
  catalog: string;
  functions: FunctionSpec[];
  /** Function names by the last part of their logical path, such as `Trigger`. */
  mapping: { function: string; batchSize: number; queueArn: string; reportsFailures: boolean };
  queues: { uploads: string; dead: string };
  jobs: Map<string, { script: string; library: string; args: Record<string, string> }>;
  /** Types and counts of resources that are not created, with the reason. */
  notCreated: Map<string, { count: number; why: string }>;
};

type Properties = Record<string, unknown>;
type Created = { logicalId: string; type: string; properties: Properties; attributes: Attributes };

/**
 * Creates the resources of a synthesised template by calls to the services. An unknown type or
 * property is an error, so that nothing is deployed without being rehearsed or deliberately left
 * out.
 */
export async function raise(
  template: Template,
  cloud: Cloud,
  rds: { server: TestServer; database: string },
): Promise<Raised> {
  const secret = await createSecret(cloud, rds.server);
  const attributesOf = attributesIn(template, cloud, rds, secret);
  const resolve = resolver(attributesOf);
  const created = Object.entries(template.Resources).flatMap(
    ([logicalId, { Type, Properties = {} }]) => {
      const kind = KINDS[Type];
      if (kind === undefined) {
        if (NOT_MADE[Type] === undefined && !DATABASE_KINDS.has(Type))
          throw new Error(`${logicalId} is a ${Type}: make it here, or say why not`);
        return [];
      }
      const unknown = Object.keys(Properties).filter(
        (name) => !kind.used.includes(name) && !kind.unused.includes(name),
      );
      if (unknown.length > 0) throw new Error(`${logicalId}: ${unknown.join(', ')} unknown here`);
      const used = Object.entries(Properties).filter(([name]) => kind.used.includes(name));
      const properties = resolve(Object.fromEntries(used)) as Properties;
      return [{ logicalId, type: Type, properties, attributes: attributesOf(logicalId) }];
    },
  );
  const of = (type: string): Created[] => created.filter((each) => each.type === type);
  const queues = await makeQueues(cloud, of('AWS::SQS::Queue'));
  const bucket = await makeBuckets(cloud, of('AWS::S3::Bucket'));
  await makeDatabase(cloud, of('AWS::Glue::Database'));
  const functions = of('AWS::Lambda::Function').map((each) => functionOf(each, template));
  const lake = functions[0]?.env['PURCHASES_LAKE'] ?? '';
  return {
    bucket,
    lake,
    queues,
    functions,
    machine: await makeMachine(cloud, of('AWS::StepFunctions::StateMachine')),
    catalog: of('AWS::Glue::Database')[0]?.attributes[''] ?? '',
    mapping: mappingOf(of('AWS::Lambda::EventSourceMapping')),
    jobs: jobsOf(of('AWS::Glue::Job'), template),
    notCreated: notCreated(template),
  };
}

function attributesIn(
  template: Template,
  { endpoint }: Cloud,
  { server, database }: { server: TestServer; database: string },
  secret: string,
): (logicalId: string) => Attributes {
  return (logicalId) => {
    const found = template.Resources[logicalId];
    if (found === undefined) throw new Error(`there is no resource ${logicalId}`);
    const { Type, Properties: properties = {} } = found;
    if (Type === 'AWS::RDS::DBInstance')
      return {
        '': database,
        'Endpoint.Address': '127.0.0.1',
        'Endpoint.Port': String(server.port),
      };
    if (DATABASE_KINDS.has(Type)) return { '': secret };
    const kind = KINDS[Type];
    // A resource that is not created may be referenced, such as a key by its ARN; nothing depends
    // on it.
    if (kind === undefined) return { '': logicalId, Arn: logicalId };
    return kind.attributes({ logicalId, properties, endpoint });
  };
}

/** The secret as RDS would write it. */
async function createSecret(cloud: Cloud, server: TestServer): Promise<string> {
  const { username } = new URL(server.url('postgres'));
  const { ARN = '' } = await new SecretsManagerClient(cloud.client).send(
    new CreateSecretCommand({
      Name: `serving-${randomBytes(4).toString('hex')}`,
      SecretString: JSON.stringify({ username, password: PASSWORD }),
    }),
  );
  return ARN;
}

async function makeQueues(cloud: Cloud, queues: Created[]): Promise<Raised['queues']> {
  const client = new SQSClient(cloud.client);
  const withoutRedrive = queues.filter(
    ({ properties }) => properties['RedrivePolicy'] === undefined,
  );
  const others = queues.filter((queue) => !withoutRedrive.includes(queue));
  for (const { logicalId, properties } of [...withoutRedrive, ...others]) {
    const { RedrivePolicy, MessageRetentionPeriod, VisibilityTimeout = 30 } = properties;
    await client.send(
      new CreateQueueCommand({
        QueueName: logicalId,
        Attributes: {
          VisibilityTimeout: String(VisibilityTimeout),
          MessageRetentionPeriod: String(MessageRetentionPeriod),
          ...(RedrivePolicy === undefined ? {} : { RedrivePolicy: JSON.stringify(RedrivePolicy) }),
        },
      }),
    );
  }
  return {
    uploads: others[0]?.attributes[''] ?? '',
    dead: withoutRedrive[0]?.attributes[''] ?? '',
  };
}

/** The bucket that sends upload notices is the lake's. */
async function makeBuckets(cloud: Cloud, buckets: Created[]): Promise<string> {
  const client = new S3Client(cloud.client);
  let lake = '';
  for (const { attributes, properties } of buckets) {
    const Bucket = attributes[''] ?? '';
    const CreateBucketConfiguration = { LocationConstraint: REGION } as const;
    await client.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
    const { VersioningConfiguration, NotificationConfiguration } = properties;
    if (VersioningConfiguration !== undefined)
      await client.send(
        new PutBucketVersioningCommand({
          Bucket,
          VersioningConfiguration: VersioningConfiguration as { Status: 'Enabled' },
        }),
      );
    if (NotificationConfiguration === undefined) continue;
    lake = Bucket;
    const { QueueConfigurations } = Object(NotificationConfiguration);
    await client.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket,
        NotificationConfiguration: {
          QueueConfigurations: (QueueConfigurations as Notification[]).map(asApi),
        },
      }),
    );
  }
  return lake;
}

type Notification = {
  Event: string;
  Queue: string;
  Filter: { S3Key: { Rules: { Name: 'prefix' | 'suffix'; Value: string }[] } };
};

/** CloudFormation and S3 spell the same setting differently. */
const asApi = ({ Event, Queue, Filter }: Notification): QueueConfiguration => ({
  QueueArn: Queue,
  Events: [Event as 's3:ObjectCreated:*'],
  Filter: { Key: { FilterRules: Filter.S3Key.Rules } },
});

async function makeDatabase(cloud: Cloud, [database]: Created[]): Promise<void> {
  const { Name } = Object(database?.properties['DatabaseInput']);
  const DatabaseInput = { Name: String(Name) };
  await new GlueClient(cloud.client).send(new CreateDatabaseCommand({ DatabaseInput }));
}

async function makeMachine(cloud: Cloud, [machine]: Created[]): Promise<string> {
  const { DefinitionString, DefinitionSubstitutions, StateMachineName } = machine?.properties ?? {};
  let definition = String(DefinitionString);
  for (const [name, value] of Object.entries(Object(DefinitionSubstitutions)))
    definition = definition.replaceAll(`\${${name}}`, String(value));
  const roleArn = `arn:aws:iam::${ACCOUNT}:role/rehearsal`;
  const { stateMachineArn = '' } = await new SFNClient(cloud.client).send(
    new CreateStateMachineCommand({ name: String(StateMachineName), definition, roleArn }),
  );
  return stateMachineArn;
}

function functionOf({ properties }: Created, { folder }: Template): FunctionSpec {
  const { Code, Environment, FunctionName, Handler, MemorySize, Timeout } = properties;
  const { S3Key } = Object(Code);
  const { Variables } = Object(Environment);
  return {
    name: String(FunctionName),
    folder: join(folder, `asset.${String(S3Key).replace(/\.zip$/, '')}`),
    handler: String(Handler),
    memoryMb: Number(MemorySize),
    timeoutSeconds: Number(Timeout),
    env: Variables as Record<string, string>,
  };
}

function mappingOf([mapping]: Created[]): Raised['mapping'] {
  const { BatchSize, EventSourceArn, FunctionName, FunctionResponseTypes } =
    mapping?.properties ?? {};
  return {
    function: String(FunctionName),
    batchSize: Number(BatchSize),
    queueArn: String(EventSourceArn),
    reportsFailures: (FunctionResponseTypes as string[]).includes('ReportBatchItemFailures'),
  };
}

function jobsOf(jobs: Created[], { folder }: Template): Raised['jobs'] {
  const asset = (uri: string): string =>
    join(
      folder,
      `asset.${uri
        .split('/')
        .at(-1)
        ?.replace(/\.zip$/, '')}`,
    );
  const found = jobs.map(({ properties: { Command, DefaultArguments, Name } }) => {
    const args = Object(DefaultArguments) as Record<string, string>;
    const script = asset(String(Object(Command)['ScriptLocation']));
    const library = asset(args['--extra-py-files'] ?? '');
    return [String(Name), { script, library, args }] as const;
  });
  return new Map(found);
}

function notCreated({ Resources }: Template): Raised['notCreated'] {
  const counts: Raised['notCreated'] = new Map();
  for (const { Type } of Object.values(Resources)) {
    const why = NOT_MADE[Type];
    if (why !== undefined) counts.set(Type, { why, count: (counts.get(Type)?.count ?? 0) + 1 });
  }
  return counts;
}
