import {
  FlowLogDestination,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  type IVpc,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { logGroup } from './retention.ts';
import type { StackChoices } from './props.ts';
import type { Storage } from './storage.ts';

/**
 * The services called from inside the network: the secret, the catalog, the logs of Glue jobs, and
 * the key.
 */
const SERVICES = {
  Secrets: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
  Catalog: InterfaceVpcEndpointAwsService.GLUE,
  Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  Keys: InterfaceVpcEndpointAwsService.KMS,
};
const PORTS = { https: Port.tcp(443), postgres: Port.tcp(5432) };

export type NetworkProps = { storage: Storage; choices: StackChoices };

/** Two isolated subnets: no route to the internet, only to the database, S3 and a few endpoints. */
export class Network extends Construct {
  readonly vpc: Vpc;
  /** The functions and the loader: they may connect to the database and the endpoints. */
  readonly clients: SecurityGroup;
  readonly database: SecurityGroup;

  constructor(scope: Construct, id: string, { storage, choices }: NetworkProps) {
    super(scope, id);
    const flow = logGroup(this, 'FlowLogs', {
      key: storage.key,
      choices,
      name: `/purchases/${choices.stackName}/network`,
    });
    this.vpc = new Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [
        { name: 'isolated', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
      gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
      flowLogs: { Rejected: { destination: FlowLogDestination.toCloudWatchLogs(flow) } },
    });
    const group = (name: string, description: string): SecurityGroup =>
      new SecurityGroup(this, name, {
        vpc: this.vpc as IVpc,
        description,
        allowAllOutbound: false,
      });
    this.clients = group('Clients', 'Functions and jobs that use the serving database');
    this.database = group('Database', 'The serving database');
    const endpoints = group('Endpoints', 'Interface endpoints');
    this.clients.connections.allowTo(this.database, PORTS.postgres, 'the serving database');
    this.clients.connections.allowTo(endpoints, PORTS.https, 'AWS services');
    // The S3 gateway has public addresses; the route table has no other route.
    this.clients.connections.allowToAnyIpv4(PORTS.https, 'S3 through its gateway endpoint');
    // The workers of a Glue job exchange data with each other.
    this.clients.connections.allowInternally(Port.allTcp(), 'workers of a Glue job');
    for (const [name, service] of Object.entries(SERVICES))
      this.vpc.addInterfaceEndpoint(name, { service, open: false, securityGroups: [endpoints] });
  }
}
