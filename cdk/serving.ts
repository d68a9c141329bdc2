import { Duration } from 'aws-cdk-lib';
import { InstanceType, type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2';
import {
  Credentials,
  DatabaseInstance,
  DatabaseInstanceEngine,
  ParameterGroup,
  PostgresEngineVersion,
  StorageType,
} from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from './permissions/nag-reasons.ts';
import { removalOf } from './retention.ts';
import type { Network } from './network.ts';
import { removesData, type StackChoices } from './props.ts';
import type { Storage } from './storage.ts';

const ENGINE = DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_15_17 });

export type ServingProps = { storage: Storage; network: Network; choices: StackChoices };

/**
 * The serving database: PostgreSQL in isolated subnets, encrypted, TLS only, with a password that
 * is rotated every month.
 */
export class Serving extends Construct {
  readonly instance: DatabaseInstance;
  readonly secret: ISecret;
  /** The URL that the functions receive: it names the secret instead of a password. */
  readonly url: string;

  constructor(scope: Construct, id: string, { storage, network, choices }: ServingProps) {
    super(scope, id);
    this.instance = new DatabaseInstance(this, 'Database', {
      engine: ENGINE,
      instanceType: new InstanceType(choices.databaseClass),
      databaseName: choices.databaseName,
      credentials: Credentials.fromGeneratedSecret('purchases', { encryptionKey: storage.key }),
      vpc: network.vpc as IVpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      securityGroups: [network.database],
      publiclyAccessible: false,
      multiAz: choices.multiAz,
      storageType: StorageType.GP3,
      allocatedStorage: choices.databaseGb,
      maxAllocatedStorage: choices.databaseGb * 5,
      storageEncrypted: true,
      storageEncryptionKey: storage.key,
      backupRetention: Duration.days(choices.backupDays),
      copyTagsToSnapshot: true,
      autoMinorVersionUpgrade: true,
      iamAuthentication: true,
      deletionProtection: !removesData(choices),
      deleteAutomatedBackups: removesData(choices),
      removalPolicy: removalOf(choices),
      cloudwatchLogsExports: ['postgresql', 'upgrade'],
      parameterGroup: new ParameterGroup(this, 'Parameters', {
        engine: ENGINE,
        description:
          'TLS only; statements that take a second or more are logged without their values',
        parameters: {
          'rds.force_ssl': '1',
          log_min_duration_statement: '1000',
          log_parameter_max_length: '0',
        },
      }),
    });
    const { secret } = this.instance;
    if (secret === undefined) throw new Error('The database has no secret.');
    this.secret = secret;
    this.instance.addRotationSingleUser({ automaticallyAfter: Duration.days(30) });
    const { dbInstanceEndpointAddress: host, dbInstanceEndpointPort: port } = this.instance;
    this.url = `postgres://${host}:${port}/${choices.databaseName}?passwordFrom=secretsmanager:${secret.secretArn}`;
    acknowledge(this.instance, {
      RDS11: 'The usual port, in subnets without a route, open to one security group only.',
      ...(choices.multiAz
        ? {}
        : { RDS3: 'Every row can be loaded again from gold; multiAz switches the standby on.' }),
    });
  }
}
