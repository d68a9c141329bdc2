/** How a kind of resource is paid: while it is there, by what is done with it, or not at all. */
export type Paid = 'while there' | 'by use' | 'no';
export type Kind = { one: string; many: string; paid: Paid };

const kind = (one: string, paid: Paid = 'no', many = `${one}s`): Kind => ({ one, many, paid });

/** Every kind of resource of the stack in plain words. */
export const KINDS: Record<string, Kind> = {
  'AWS::S3::Bucket': kind('bucket', 'by use'),
  'AWS::S3::BucketPolicy': kind('policy of a bucket', 'no', 'policies of buckets'),
  'AWS::KMS::Key': kind('encryption key', 'while there'),
  'AWS::SQS::Queue': kind('queue', 'by use'),
  'AWS::SQS::QueuePolicy': kind('policy of a queue', 'no', 'policies of queues'),
  'AWS::Lambda::Function': kind('function', 'by use'),
  'AWS::Lambda::EventSourceMapping': kind(
    'link from a queue to a function',
    'no',
    'links from queues to functions',
  ),
  'AWS::Lambda::Permission': kind(
    'permission to call a function',
    'no',
    'permissions to call functions',
  ),
  'AWS::IAM::Role': kind('role'),
  'AWS::IAM::Policy': kind('policy of a role', 'no', 'policies of roles'),
  'AWS::Logs::LogGroup': kind('log group', 'by use'),
  'AWS::Glue::Job': kind('Spark job', 'by use'),
  'AWS::Glue::Connection': kind('connection of a Spark job', 'no', 'connections of Spark jobs'),
  'AWS::Glue::Database': kind(
    'database of the Glue catalog',
    'no',
    'databases of the Glue catalog',
  ),
  'AWS::Glue::SecurityConfiguration': kind(
    'encryption setting of Spark jobs',
    'no',
    'encryption settings of Spark jobs',
  ),
  'AWS::Athena::WorkGroup': kind('Athena workgroup', 'by use'),
  'AWS::Athena::NamedQuery': kind('saved query', 'no', 'saved queries'),
  'AWS::StepFunctions::StateMachine': kind('state machine', 'by use'),
  'AWS::Events::Rule': kind('schedule'),
  'AWS::RDS::DBInstance': kind('PostgreSQL server', 'while there'),
  'AWS::RDS::DBSubnetGroup': kind(
    'place of a database in the network',
    'no',
    'places of databases in the network',
  ),
  'AWS::RDS::DBParameterGroup': kind('set of database settings', 'no', 'sets of database settings'),
  'AWS::SecretsManager::Secret': kind('secret', 'while there'),
  'AWS::SecretsManager::SecretTargetAttachment': kind(
    'link from a secret to its database',
    'no',
    'links from secrets to databases',
  ),
  'AWS::SecretsManager::RotationSchedule': kind(
    'schedule that changes a password',
    'no',
    'schedules that change passwords',
  ),
  'AWS::SecretsManager::ResourcePolicy': kind('policy of a secret', 'no', 'policies of secrets'),
  'AWS::Serverless::Application': kind(
    'function of AWS that changes a password',
    'by use',
    'functions of AWS that change passwords',
  ),
  'AWS::EC2::VPC': kind('network'),
  'AWS::EC2::Subnet': kind('subnet without a way out', 'no', 'subnets without a way out'),
  'AWS::EC2::RouteTable': kind('route table'),
  'AWS::EC2::SubnetRouteTableAssociation': kind('route table’s subnet'),
  'AWS::EC2::SecurityGroup': kind('firewall'),
  'AWS::EC2::SecurityGroupIngress': kind(
    'firewall rule for what comes in',
    'no',
    'firewall rules for what comes in',
  ),
  'AWS::EC2::SecurityGroupEgress': kind(
    'firewall rule for what goes out',
    'no',
    'firewall rules for what goes out',
  ),
  'AWS::EC2::VPCEndpoint': kind(
    'private way to an AWS service',
    'while there',
    'private ways to AWS services',
  ),
  'AWS::EC2::FlowLog': kind('log of network connections', 'by use', 'logs of network connections'),
  'AWS::SNS::Topic': kind('topic for alarms', 'by use', 'topics for alarms'),
  'AWS::SNS::TopicPolicy': kind('policy of a topic', 'no', 'policies of topics'),
  'AWS::SNS::Subscription': kind(
    'mail address that alarms go to',
    'no',
    'mail addresses that alarms go to',
  ),
  'AWS::CloudWatch::Alarm': kind('alarm', 'while there'),
  'AWS::CloudWatch::Dashboard': kind('dashboard', 'while there'),
  'AWS::Budgets::Budget': kind('budget'),
};
