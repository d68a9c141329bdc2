import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  StorageClass,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { removalOf } from './retention.ts';
import { removesData, type StackChoices } from './props.ts';

/** Services that use the key to encrypt resources of this stack, limited to this account. */
const SERVICES = ['s3', 'sns', 'cloudwatch', 'events', 'budgets'];

/** Prefix of Athena's query results in the lake's bucket, outside the lake. */
export const ATHENA_RESULTS = 'athena-results/';

export type StorageProps = { choices: StackChoices };

/** The key, the lake's bucket, and the bucket of its access logs. */
export class Storage extends Construct {
  readonly key: Key;
  readonly lake: Bucket;

  constructor(scope: Construct, id: string, { choices }: StorageProps) {
    super(scope, id);
    const removalPolicy = removalOf(choices);
    this.key = new Key(this, 'Key', {
      description: `Lake, queue, logs and database of ${choices.stackName}`,
      enableKeyRotation: true,
      removalPolicy,
    });
    for (const statement of serviceStatements(Stack.of(this)))
      this.key.addToResourcePolicy(statement);
    const common = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy,
    };
    const accessLogs = new Bucket(this, 'AccessLogs', {
      ...common,
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ expiration: Duration.days(choices.logDays) }],
    });
    this.lake = new Bucket(this, 'Lake', {
      ...common,
      ...(choices.bucketName === undefined ? {} : { bucketName: choices.bucketName }),
      encryption: BucketEncryption.KMS,
      encryptionKey: this.key,
      bucketKeyEnabled: true,
      versioned: true,
      serverAccessLogsBucket: accessLogs as IBucket,
      serverAccessLogsPrefix: 'lake/',
      lifecycleRules: lifecycle(choices),
    });
    // A bucket with objects cannot be removed. Emptying it is a command of the runbook, never a
    // side effect of a stack.
    if (removesData(choices)) this.lake.node.addMetadata('purchases:data', 'goes with the stack');
  }
}

/**
 * Current objects of the lake never expire: the ledger decides what is dead, and vacuum removes it.
 */
function lifecycle({ lakePrefix, oldVersionDays, coldBronzeDays }: StackChoices) {
  return [
    {
      id: 'old-versions',
      noncurrentVersionExpiration: Duration.days(oldVersionDays),
      expiredObjectDeleteMarker: true,
    },
    { id: 'query-results', prefix: ATHENA_RESULTS, expiration: Duration.days(30) },
    { id: 'broken-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
    {
      id: 'cold-bronze',
      prefix: `${lakePrefix}/bronze/`,
      transitions: [
        {
          storageClass: StorageClass.INTELLIGENT_TIERING,
          transitionAfter: Duration.days(coldBronzeDays),
        },
      ],
    },
  ];
}

function serviceStatements({ account, partition, region }: Stack): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: 'ServicesOfThisAccount',
      principals: SERVICES.map((name) => new ServicePrincipal(`${name}.amazonaws.com`)),
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': account } },
    }),
    new PolicyStatement({
      sid: 'LogsOfThisAccount',
      principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: [
        'kms:Encrypt*',
        'kms:Decrypt*',
        'kms:ReEncrypt*',
        'kms:GenerateDataKey*',
        'kms:Describe*',
      ],
      resources: ['*'],
      conditions: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:*`,
        },
      },
    }),
  ];
}
