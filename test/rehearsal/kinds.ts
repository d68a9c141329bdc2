import { ACCOUNT, type Attributes, REGION } from './template.ts';

const arn = (service: string, rest: string): string =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;

/** The known properties of a resource type. */
export type Named = { logicalId: string; properties: Record<string, unknown>; endpoint: string };

export type Kind = {
  attributes(named: Named): Attributes;
  /** Properties that are passed to the service or its stand-in. */
  used: string[];
  /** Properties that have no effect here. */
  unused: string[];
};

const named = (name: string, whole: string): Attributes => ({ '': name, Arn: whole });

/**
 * Each resource type that is created or has a stand-in, with all of its properties: a property that
 * is not listed is an error.
 */
export const KINDS: Record<string, Kind> = {
  'AWS::S3::Bucket': {
    attributes({ logicalId }) {
      const name = `rehearsal-${logicalId.toLowerCase()}`;
      return named(name, `arn:aws:s3:::${name}`);
    },
    used: ['VersioningConfiguration', 'NotificationConfiguration'],
    unused: [
      'BucketEncryption',
      'LifecycleConfiguration',
      'LoggingConfiguration',
      'OwnershipControls',
      'PublicAccessBlockConfiguration',
    ],
  },
  'AWS::SQS::Queue': {
    attributes: ({ logicalId, endpoint }) => ({
      '': `${endpoint}/${ACCOUNT}/${logicalId}`,
      Arn: arn('sqs', logicalId),
      QueueName: logicalId,
    }),
    used: ['RedrivePolicy', 'MessageRetentionPeriod', 'VisibilityTimeout'],
    unused: ['KmsMasterKeyId'],
  },
  'AWS::Lambda::Function': {
    attributes({ properties: { FunctionName } }) {
      const name = String(FunctionName);
      return named(name, arn('lambda', `function:${name}`));
    },
    used: ['Code', 'Environment', 'FunctionName', 'Handler', 'MemorySize', 'Timeout'],
    unused: [
      'Architectures',
      'Description',
      'EphemeralStorage',
      'KmsKeyArn',
      'LoggingConfig',
      'Role',
      'Runtime',
      'TracingConfig',
      'VpcConfig',
    ],
  },
  'AWS::Lambda::EventSourceMapping': {
    attributes: () => ({}),
    used: ['BatchSize', 'EventSourceArn', 'FunctionName', 'FunctionResponseTypes'],
    unused: ['MaximumBatchingWindowInSeconds', 'ScalingConfig'],
  },
  'AWS::StepFunctions::StateMachine': {
    attributes({ properties: { StateMachineName } }) {
      const whole = arn('states', `stateMachine:${String(StateMachineName)}`);
      return { '': whole, Arn: whole, Name: String(StateMachineName) };
    },
    used: ['DefinitionString', 'DefinitionSubstitutions', 'StateMachineName'],
    unused: ['LoggingConfiguration', 'RoleArn', 'StateMachineType', 'TracingConfiguration'],
  },
  'AWS::Glue::Database': {
    attributes: ({ properties }) => ({ '': String(Object(properties['DatabaseInput'])['Name']) }),
    used: ['DatabaseInput'],
    unused: ['CatalogId'],
  },
  'AWS::Glue::Job': {
    attributes: ({ properties: { Name } }) => ({ '': String(Name) }),
    used: ['Command', 'DefaultArguments', 'Name'],
    unused: [
      'Connections',
      'Description',
      'ExecutionProperty',
      'GlueVersion',
      'MaxRetries',
      'NumberOfWorkers',
      'Role',
      'SecurityConfiguration',
      'Timeout',
      'WorkerType',
    ],
  },
};

/** Types that no rehearsal creates, with the reason; their attributes are not used here. */
export const NOT_MADE: Record<string, string> = {
  'AWS::IAM::Policy': 'rights are not enforced here',
  'AWS::IAM::Role': 'rights are not enforced here',
  'AWS::Lambda::Permission': 'rights are not enforced here',
  'AWS::S3::BucketPolicy': 'its TLS-only rule would refuse a server without TLS',
  'AWS::SQS::QueuePolicy': 'rights are not enforced here',
  'AWS::SNS::TopicPolicy': 'rights are not enforced here',
  'AWS::SecretsManager::ResourcePolicy': 'rights are not enforced here',
  'AWS::KMS::Key': 'nothing is encrypted here',
  'AWS::EC2::FlowLog': 'there is no network here',
  'AWS::EC2::RouteTable': 'there is no network here',
  'AWS::EC2::SecurityGroup': 'there is no network here',
  'AWS::EC2::SecurityGroupEgress': 'there is no network here',
  'AWS::EC2::SecurityGroupIngress': 'there is no network here',
  'AWS::EC2::Subnet': 'there is no network here',
  'AWS::EC2::SubnetRouteTableAssociation': 'there is no network here',
  'AWS::EC2::VPC': 'there is no network here',
  'AWS::EC2::VPCEndpoint': 'there is no network here',
  'AWS::Athena::NamedQuery': 'SQL is proven by tests of its own',
  'AWS::Athena::WorkGroup': 'nothing here runs SQL as Athena does',
  'AWS::Budgets::Budget': 'nothing costs anything here',
  'AWS::CloudWatch::Alarm': 'metrics stay in the logs',
  'AWS::CloudWatch::Dashboard': 'metrics stay in the logs',
  'AWS::SNS::Topic': 'no notices are sent',
  'AWS::Events::Rule': 'the schedules are fired by the test',
  'AWS::Logs::LogGroup': 'logs stay in memory',
  'AWS::Glue::Connection': 'there is no network here',
  'AWS::Glue::SecurityConfiguration': 'nothing is encrypted here',
  'AWS::RDS::DBParameterGroup': 'the server has its own settings',
  'AWS::RDS::DBSubnetGroup': 'there is no network here',
  'AWS::SecretsManager::RotationSchedule': 'nothing is rotated here',
  'AWS::Serverless::Application': 'nothing is rotated here',
  'AWS::SSM::Parameter': 'it is not read here',
};

/** Replaced by the test's own server and its secret. */
export const DATABASE_KINDS = new Set([
  'AWS::RDS::DBInstance',
  'AWS::SecretsManager::Secret',
  'AWS::SecretsManager::SecretTargetAttachment',
]);
