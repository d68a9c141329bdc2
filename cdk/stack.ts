import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Catalog } from './catalog.ts';
import { Events } from './events.ts';
import { Functions } from './functions.ts';
import { Jobs } from './jobs.ts';
import { Network } from './network.ts';
import type { StackChoices } from './props.ts';
import { Serving } from './serving.ts';
import { Storage } from './storage.ts';
import { Watch } from './monitoring.ts';
import { Workflow } from './workflow.ts';

/**
 * Folders of code: the functions' bundles (in `light` and `duckdb`), and the scripts of the Glue
 * jobs.
 */
export type CodeFolders = { bundles: string; scripts: string };

export type PurchasesStackProps = { choices: StackChoices; code: CodeFolders };

/** The pipeline in one AWS account and region. */
export class PurchasesStack extends Stack {
  constructor(scope: Construct, id: string, { choices, code }: PurchasesStackProps) {
    super(scope, id, {
      stackName: choices.stackName,
      description: 'Raw purchase files to customer totals that people can trust',
      terminationProtection: true,
      tags: { Application: 'customer-purchases-pipeline' },
    });
    this.node.setContext('@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy', true);
    const storage = new Storage(this, 'Storage', { choices });
    const events = new Events(this, 'Events', { storage, choices });
    const network = new Network(this, 'Network', { storage, choices });
    const serving = new Serving(this, 'Serving', { storage, network, choices });
    const catalog = new Catalog(this, 'Catalog', { storage, choices });
    const { lakePrefix } = choices;
    const shared = { storage, catalog, serving, network, lakePrefix, choices };
    const functions = new Functions(this, 'Functions', { ...shared, bundles: code.bundles });
    const jobs = new Jobs(this, 'Jobs', { ...shared, scripts: code.scripts });
    const workflow = new Workflow(this, 'Workflow', { storage, events, functions, jobs, choices });
    new Watch(this, 'Watch', { storage, events, functions, serving, workflow, choices });
    const { lake } = storage;
    const outputs = {
      Lake: `s3://${lake.bucketName}/${choices.lakePrefix}`,
      Warehouse: serving.url,
      StateMachine: workflow.stateMachine.stateMachineArn,
      Uploads: events.queue.queueUrl,
      DeadLetters: events.deadLetters.queueUrl,
      WorkGroup: catalog.workGroup,
      GlueDatabase: catalog.database,
      Key: storage.key.keyArn,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}
