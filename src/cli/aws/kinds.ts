/** How a resource is billed: while it exists, by use, or not at all. */
export type Paid = 'while there' | 'by use' | 'no';
export type Kind = { one: string; many: string; paid: Paid };

const kind = (one: string, paid: Paid = 'no', many = `${one}s`): Kind => ({ one, many, paid });

/** The name that AWS uses for each resource type of the stack. */
export const KINDS: Record<string, Kind> = {
  'AWS::S3::Bucket': kind('S3 bucket', 'by use'),
  'AWS::S3::BucketPolicy': kind('S3 bucket policy', 'no', 'S3 bucket policies'),
  'AWS::KMS::Key': kind('KMS key', 'while there'),
  'AWS::SQS::Queue': kind('SQS queue', 'by use'),
  'AWS::SQS::QueuePolicy': kind('SQS queue policy', 'no', 'SQS queue policies'),
  'AWS::Lambda::Function': kind('Lambda function', 'by use'),
  'AWS::Lambda::EventSourceMapping': kind('Lambda event source mapping'),
  'AWS::Lambda::Permission': kind('Lambda permission'),
  'AWS::IAM::Role': kind('IAM role'),
  'AWS::IAM::Policy': kind('IAM policy', 'no', 'IAM policies'),
  'AWS::Logs::LogGroup': kind('CloudWatch log group', 'by use'),
  'AWS::Glue::Job': kind('Glue job', 'by use'),
  'AWS::Glue::Connection': kind('Glue connection'),
  'AWS::Glue::Database': kind('Glue Data Catalog database'),
  'AWS::Glue::SecurityConfiguration': kind('Glue security configuration'),
  'AWS::Athena::WorkGroup': kind('Athena workgroup', 'by use'),
  'AWS::Athena::NamedQuery': kind('Athena named query', 'no', 'Athena named queries'),
  'AWS::StepFunctions::StateMachine': kind('Step Functions state machine', 'by use'),
  'AWS::Events::Rule': kind('EventBridge rule'),
  'AWS::RDS::DBInstance': kind('RDS for PostgreSQL instance', 'while there'),
  'AWS::RDS::DBSubnetGroup': kind('RDS subnet group'),
  'AWS::RDS::DBParameterGroup': kind('RDS parameter group'),
  'AWS::SecretsManager::Secret': kind('Secrets Manager secret', 'while there'),
  'AWS::SecretsManager::SecretTargetAttachment': kind('Secrets Manager target attachment'),
  'AWS::SecretsManager::RotationSchedule': kind('Secrets Manager rotation schedule'),
  'AWS::SecretsManager::ResourcePolicy': kind(
    'Secrets Manager resource policy',
    'no',
    'Secrets Manager resource policies',
  ),
  'AWS::Serverless::Application': kind(
    'Lambda application for secret rotation',
    'by use',
    'Lambda applications for secret rotation',
  ),
  'AWS::EC2::VPC': kind('VPC'),
  'AWS::EC2::Subnet': kind('isolated subnet'),
  'AWS::EC2::RouteTable': kind('route table'),
  'AWS::EC2::SubnetRouteTableAssociation': kind('route table association'),
  'AWS::EC2::SecurityGroup': kind('security group'),
  'AWS::EC2::SecurityGroupIngress': kind('security group inbound rule'),
  'AWS::EC2::SecurityGroupEgress': kind('security group outbound rule'),
  'AWS::EC2::VPCEndpoint': kind('VPC endpoint', 'while there'),
  'AWS::EC2::FlowLog': kind('VPC flow log', 'by use'),
  'AWS::SNS::Topic': kind('SNS topic', 'by use'),
  'AWS::SNS::TopicPolicy': kind('SNS topic policy', 'no', 'SNS topic policies'),
  'AWS::SNS::Subscription': kind('SNS subscription'),
  'AWS::CloudWatch::Alarm': kind('CloudWatch alarm', 'while there'),
  'AWS::CloudWatch::Dashboard': kind('CloudWatch dashboard', 'while there'),
  'AWS::Budgets::Budget': kind('AWS Budgets budget'),
};
