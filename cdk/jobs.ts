import { join } from 'node:path';
import { ArnFormat, type CfnResource, Stack } from 'aws-cdk-lib';
import { type ISubnet, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { CfnConnection, CfnJob, CfnSecurityConfiguration } from 'aws-cdk-lib/aws-glue';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { RUNS } from '../src/lake/layout.ts';
import { type JobName, JOBS } from './permissions/access.ts';
import { acknowledge } from './permissions/nag-reasons.ts';
import { type Granted, reasonsOf, statementsOf } from './permissions/grants.ts';
import type { Network } from './network.ts';
import type { StackChoices } from './props.ts';

/** Spark 3.5.4 and Python 3.11, with which the scripts are tested. */
export const GLUE_VERSION = '5.0';
const MINUTES = 240;
const LOG_GROUP = '/aws-glue/';

export type JobsProps = Granted & {
  network: Network;
  choices: StackChoices;
  /** The folder of the scripts. */
  scripts: string;
};

/**
 * Three Spark jobs for runs that are too large for Lambda, and the connection through which the
 * loader reaches the database.
 */
export class Jobs extends Construct {
  readonly all: Record<JobName, CfnJob>;
  readonly connection: CfnConnection;

  private readonly props: JobsProps;

  constructor(scope: Construct, id: string, props: JobsProps) {
    super(scope, id);
    this.props = props;
    this.connection = this.addConnection();
    const security = this.addSecurity();
    const library = new Asset(this, 'Library', {
      path: props.scripts,
      exclude: ['**/__pycache__/**', '*_job.py', 'sql'],
    });
    const jobs = Object.keys(JOBS).map((name) => [
      name,
      this.add(name as JobName, security, library),
    ]);
    this.all = Object.fromEntries(jobs) as Record<JobName, CfnJob>;
  }

  private add(name: JobName, security: CfnSecurityConfiguration, library: Asset): CfnJob {
    const { script } = JOBS[name];
    const code = new Asset(this, `${name}Script`, { path: join(this.props.scripts, script) });
    const job = new CfnJob(this, name, {
      name: `${this.props.choices.stackName}-${script.replace('.py', '')}`,
      description: `${name} of the customer purchases pipeline, for large runs`,
      role: this.addRole(name, [code, library]).roleArn,
      glueVersion: GLUE_VERSION,
      command: { name: 'glueetl', pythonVersion: '3', scriptLocation: code.s3ObjectUrl },
      workerType: 'G.1X',
      numberOfWorkers: this.props.choices.glueWorkers,
      timeout: MINUTES,
      maxRetries: 0,
      executionProperty: { maxConcurrentRuns: 3 },
      securityConfiguration: security.ref,
      ...(this.usesWarehouse(name) ? { connections: { connections: [this.connection.ref] } } : {}),
      defaultArguments: this.argumentsOf(name, library),
    });
    job.node.addDependency(library, code);
    return job;
  }

  private usesWarehouse(name: JobName): boolean {
    return 'warehouse' in JOBS[name];
  }

  private argumentsOf(name: JobName, library: Asset): Record<string, string> {
    const { storage, serving, lakePrefix } = this.props;
    return {
      '--lake': `s3://${storage.lake.bucketName}/${lakePrefix}`,
      '--extra-py-files': library.s3ObjectUrl,
      '--enable-auto-scaling': 'true',
      '--enable-metrics': 'true',
      '--enable-continuous-cloudwatch-log': 'true',
      '--job-bookmark-option': 'job-bookmark-disable',
      '--TempDir': `s3://${storage.lake.bucketName}/${lakePrefix}/${RUNS}_glue/`,
      ...(this.usesWarehouse(name) ? { '--warehouse': serving.url } : {}),
    };
  }

  private addSecurity(): CfnSecurityConfiguration {
    const { keyArn } = this.props.storage.key;
    return new CfnSecurityConfiguration(this, 'Security', {
      name: this.props.choices.stackName,
      encryptionConfiguration: {
        s3Encryptions: [{ s3EncryptionMode: 'SSE-KMS', kmsKeyArn: keyArn }],
        cloudWatchEncryption: { cloudWatchEncryptionMode: 'SSE-KMS', kmsKeyArn: keyArn },
        jobBookmarksEncryption: { jobBookmarksEncryptionMode: 'CSE-KMS', kmsKeyArn: keyArn },
      },
    });
  }

  /**
   * A connection uses one subnet. The first is sufficient, because a job that fails is run again.
   */
  private addConnection(): CfnConnection {
    const { network, serving } = this.props;
    const { vpc } = network;
    const [subnet] = vpc.selectSubnets({ subnetType: SubnetType.PRIVATE_ISOLATED }).subnets as [
      ISubnet,
    ];
    const { dbInstanceEndpointAddress: host, dbInstanceEndpointPort: port } = serving.instance;
    return new CfnConnection(this, 'Connection', {
      catalogId: Stack.of(this).account,
      connectionInput: {
        name: `${this.props.choices.stackName}-serving`,
        description: 'The serving database, by TLS',
        connectionType: 'JDBC',
        connectionProperties: {
          JDBC_CONNECTION_URL: `jdbc:postgresql://${host}:${port}/${this.props.choices.databaseName}`,
          JDBC_ENFORCE_SSL: 'true',
          SECRET_ID: serving.secret.secretArn,
        },
        physicalConnectionRequirements: {
          availabilityZone: subnet.availabilityZone,
          subnetId: subnet.subnetId,
          securityGroupIdList: [network.clients.securityGroupId],
        },
      },
    });
  }

  private addRole(name: JobName, assets: Asset[]): Role {
    const { lakePrefix, storage } = this.props;
    const stack = Stack.of(this);
    const role = new Role(this, `${name}Role`, {
      assumedBy: new ServicePrincipal('glue.amazonaws.com'),
      description: `${name} of ${this.props.choices.stackName} on Glue`,
    });
    const access = { ...JOBS[name], writes: [...JOBS[name].writes] };
    for (const statement of statementsOf(access, this.props)) role.addToPolicy(statement);
    const logs = stack.formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: `${LOG_GROUP}*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const allow = (sid: string, actions: string[], resources: string[]): void =>
      void role.addToPolicy(new PolicyStatement({ sid, actions, resources }));
    allow(
      'ReadScripts',
      ['s3:GetObject'],
      assets.map(({ bucket, s3ObjectKey }) => bucket.arnForObjects(s3ObjectKey)),
    );
    allow(
      'RemoveScratch',
      ['s3:DeleteObject'],
      [storage.lake.arnForObjects(`${lakePrefix}/${RUNS}*`)],
    );
    allow(
      'WriteLogs',
      ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents', 'logs:AssociateKmsKey'],
      [logs],
    );
    allow('Measure', ['cloudwatch:PutMetricData'], ['*']);
    if (this.usesWarehouse(name)) this.allowNetwork(allow);
    const lakeId = stack.getLogicalId(storage.lake.node.defaultChild as CfnResource);
    acknowledge(role, {
      'IAM5[Resource::*]':
        'Metrics have no resources; Glue makes its own network interfaces, which have no names before.',
      [`IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:${LOG_GROUP}*]`]:
        'Glue makes its log groups below this name by itself.',
      ...reasonsOf(access, lakeId, lakePrefix),
    });
    return role;
  }

  private allowNetwork(allow: (sid: string, actions: string[], resources: string[]) => void): void {
    const connection = Stack.of(this).formatArn({
      service: 'glue',
      resource: 'connection',
      resourceName: `${this.props.choices.stackName}-serving`,
    });
    const catalog = Stack.of(this).formatArn({
      service: 'glue',
      resource: 'catalog',
      arnFormat: ArnFormat.NO_RESOURCE_NAME,
    });
    allow('ReadConnection', ['glue:GetConnection'], [catalog, connection]);
    allow(
      'JoinNetwork',
      [
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeVpcEndpoints',
        'ec2:DescribeRouteTables',
        'ec2:DescribeVpcAttribute',
        'ec2:CreateTags',
        'ec2:DeleteTags',
      ],
      ['*'],
    );
  }
}
