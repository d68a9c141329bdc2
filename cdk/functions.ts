import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CfnResource, Duration, Size, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Architecture, Code, Function as Lambda, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { type FunctionName, FUNCTIONS, type FunctionSpec } from './permissions/access.ts';
import { acknowledge } from './permissions/nag-reasons.ts';
import { type Granted, reasonsOf, statementsOf } from './permissions/grants.ts';
import { logGroup } from './retention.ts';
import type { Network } from './network.ts';
import type { StackChoices } from './props.ts';

/**
 * The certificate authorities of the AWS services, including RDS. Node 20 and later load them only
 * when this variable names them.
 */
const AUTHORITIES = '/var/runtime/ca-cert.pem';
const NETWORK_INTERFACES = [
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

export type FunctionsProps = Granted & {
  network: Network;
  choices: StackChoices;
  /** The folder of the bundles. */
  bundles: string;
};

/** The functions, each with its own role and log group. */
export class Functions extends Construct {
  readonly all: Record<FunctionName, Lambda>;

  private readonly props: FunctionsProps;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    this.props = props;
    const functions = Object.entries(FUNCTIONS).map(([name, spec]) => [name, this.add(name, spec)]);
    this.all = Object.fromEntries(functions) as Record<FunctionName, Lambda>;
  }

  private add(name: string, spec: FunctionSpec): Lambda {
    const { storage, network, choices, bundles } = this.props;
    const functionName = `${choices.stackName}-${spec.file}`;
    const logs = logGroup(this, `${name}Logs`, {
      key: storage.key,
      choices,
      name: `/aws/lambda/${functionName}`,
    });
    const role = this.addRole(name, spec, logs.logGroupArn);
    const inNetwork = spec.warehouse === true;
    const lambda = new Lambda(this, name, {
      functionName,
      description: `${name} of the customer purchases pipeline`,
      code: Code.fromAsset(bundleFolder(bundles, spec.bundle)),
      handler: `${spec.file}.handler`,
      runtime: Runtime.NODEJS_22_X,
      architecture: Architecture.X86_64,
      timeout: Duration.seconds(spec.seconds),
      memorySize: spec.memoryMb,
      ephemeralStorageSize: Size.mebibytes(spec.diskMb),
      role,
      logGroup: logs,
      tracing: Tracing.ACTIVE,
      environmentEncryption: storage.key,
      environment: this.environmentOf(spec),
      ...(inNetwork
        ? {
            vpc: network.vpc as IVpc,
            vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
            securityGroups: [network.clients],
          }
        : {}),
    });
    acknowledge(lambda, {
      L1: 'Node 22 is what the bundles are built and tested for; it is supported until April 2027.',
    });
    return lambda;
  }

  private environmentOf(spec: FunctionSpec): Record<string, string> {
    const { storage, catalog, serving, lakePrefix, choices } = this.props;
    return {
      PURCHASES_LAKE: `s3://${storage.lake.bucketName}/${lakePrefix}`,
      POWERTOOLS_SERVICE_NAME: 'purchases',
      POWERTOOLS_METRICS_NAMESPACE: 'CustomerPurchases',
      POWERTOOLS_LOG_LEVEL: 'INFO',
      NODE_OPTIONS: '--enable-source-maps',
      ...(spec.catalog === undefined ? {} : { PURCHASES_CATALOG: catalog.database }),
      ...(spec.file === 'plan' ? { PURCHASES_CLUSTER_BYTES: String(choices.clusterBytes) } : {}),
      ...(spec.warehouse === true
        ? { PURCHASES_WAREHOUSE: serving.url, NODE_EXTRA_CA_CERTS: AUTHORITIES }
        : {}),
      ...(spec.file === 'fetch-rates' && choices.ratesUrl !== undefined
        ? { PURCHASES_RATES_URL: choices.ratesUrl }
        : {}),
    };
  }

  private addRole(name: string, spec: FunctionSpec, logs: string): Role {
    const { storage, lakePrefix, choices } = this.props;
    const role = new Role(this, `${name}Role`, {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `${name} of ${choices.stackName}`,
    });
    for (const statement of statementsOf(spec, this.props)) role.addToPolicy(statement);
    role.addToPolicy(
      new PolicyStatement({
        sid: 'WriteLogs',
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logs],
      }),
    );
    const anywhere: string[] = [];
    if (spec.warehouse === true) {
      role.addToPolicy(
        new PolicyStatement({ sid: 'JoinNetwork', actions: NETWORK_INTERFACES, resources: ['*'] }),
      );
      role.addToPolicy(notFromInside(this.props.network));
      anywhere.push(
        'Lambda makes and removes its own network interfaces, which have no names before',
      );
    }
    anywhere.push('traces are granted for all resources or none');
    const stack = Stack.of(this);
    const lakeId = stack.getLogicalId(storage.lake.node.defaultChild as CfnResource);
    acknowledge(role, {
      'IAM5[Resource::*]': `${anywhere.join('; ')}.`,
      ...reasonsOf(spec, lakeId, lakePrefix),
    });
    return role;
  }
}

/** Denies code in a function the permissions with which Lambda attaches it to the network. */
function notFromInside({ vpc }: Network): PolicyStatement {
  return new PolicyStatement({
    sid: 'NetworkIsLambdasOwn',
    effect: Effect.DENY,
    actions: NETWORK_INTERFACES,
    resources: ['*'],
    conditions: {
      ArnLike: { 'lambda:SourceFunctionArn': `arn:*:lambda:${vpc.env.region}:*:function:*` },
    },
  });
}

function bundleFolder(bundles: string, bundle: string): string {
  const folder = join(bundles, bundle);
  if (!existsSync(folder))
    throw new Error(
      `The functions are not bundled: ${folder} is missing. Run \`npm run build:lambdas\`.`,
    );
  return folder;
}
