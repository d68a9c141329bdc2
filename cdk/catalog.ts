import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { CfnNamedQuery, CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { CfnDatabase } from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';
import { TABLES } from '../src/catalog/glue/tables.ts';
import { viewsOf } from '../src/catalog/glue/views.ts';
import { packaged } from './paths.ts';
import type { StackChoices } from './props.ts';
import { ATHENA_RESULTS, type Storage } from './storage.ts';

const GB = 2 ** 30;

export type CatalogProps = { storage: Storage; choices: StackChoices };

/**
 * The Glue database, and an Athena workgroup with saved queries. The stack does not contain the
 * tables: Publish creates and switches them with each commit, and a stack update must never revert
 * them.
 */
export class Catalog extends Construct {
  readonly database: string;
  readonly workGroup: string;
  /** ARNs of the catalog, the database, and every table and view that Publish maintains. */
  readonly arns: string[];

  constructor(scope: Construct, id: string, props: CatalogProps) {
    super(scope, id);
    const { storage, choices } = props;
    const stack = Stack.of(this);
    this.database = choices.stackName.toLowerCase().replaceAll('-', '_');
    const glueDatabase = new CfnDatabase(this, 'Database', {
      catalogId: stack.account,
      databaseInput: {
        name: this.database,
        description: 'Customer purchases, as of the newest commit',
        locationUri: `s3://${storage.lake.bucketName}/${choices.lakePrefix}/`,
      },
    });
    const arn = (resource: string, resourceName?: string): string =>
      stack.formatArn({
        service: 'glue',
        resource,
        ...(resourceName === undefined
          ? { arnFormat: ArnFormat.NO_RESOURCE_NAME }
          : { resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME }),
      });
    const names = [...Object.values(TABLES), ...viewsOf('')].map(({ name }) => name);
    this.arns = [
      arn('catalog'),
      arn('database', this.database),
      ...names.map((name) => arn('table', `${this.database}/${name}`)),
    ];
    this.workGroup = choices.stackName;
    const group = this.addWorkGroup(props);
    for (const query of this.addQueries()) {
      query.addResourceDependency(group);
      query.addResourceDependency(glueDatabase);
    }
  }

  private addWorkGroup({ storage, choices }: CatalogProps): CfnWorkGroup {
    const { lake, key } = storage;
    return new CfnWorkGroup(this, 'WorkGroup', {
      name: this.workGroup,
      description: 'Queries of customer purchases: results encrypted, scans limited',
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: choices.athenaScanGb * GB,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: `s3://${lake.bucketName}/${ATHENA_RESULTS}`,
          encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKey: key.keyArn },
        },
      },
    });
  }

  private addQueries(): CfnNamedQuery[] {
    const folder = packaged('src/catalog/athena');
    return readdirSync(folder).map((file) => {
      const queryString = readFileSync(join(folder, file), 'utf8');
      const name = file.replace('.sql', '');
      return new CfnNamedQuery(this, name, {
        name,
        database: this.database,
        workGroup: this.workGroup,
        description: queryString.split('\n')[0]?.replace('-- ', '') ?? '',
        queryString,
      });
    });
  }
}
