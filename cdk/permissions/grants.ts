import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Access } from './access.ts';
import type { Catalog } from '../catalog.ts';
import type { Serving } from '../serving.ts';
import type { Storage } from '../storage.ts';

/** The constructs that roles are granted access to. */
export type Granted = { storage: Storage; catalog: Catalog; serving: Serving; lakePrefix: string };

const CATALOG_READS = ['glue:GetTable', 'glue:GetPartitions'];
const CATALOG_WRITES = [
  ...CATALOG_READS,
  'glue:CreateTable',
  'glue:UpdateTable',
  'glue:BatchCreatePartition',
  'glue:BatchUpdatePartition',
  'glue:BatchDeletePartition',
];

/** The policy statements of one role. Objects are granted by folder, everything else by ARN. */
export function statementsOf(access: Access, granted: Granted): PolicyStatement[] {
  const { storage, catalog, serving, lakePrefix } = granted;
  const statements: PolicyStatement[] = [];
  const allow = (sid: string, actions: string[], resources: string[]): void => {
    if (resources.length > 0) statements.push(new PolicyStatement({ sid, actions, resources }));
  };
  const objects = (folders: readonly string[]): string[] =>
    folders.map((folder) => storage.lake.arnForObjects(`${lakePrefix}/${folder}*`));
  if (access.reads.length > 0) {
    allow('ListLake', ['s3:ListBucket'], [storage.lake.bucketArn]);
    allow('UseKey', ['kms:Decrypt', 'kms:GenerateDataKey'], [storage.key.keyArn]);
  }
  allow('ReadObjects', ['s3:GetObject'], objects(access.reads));
  allow('WriteObjects', ['s3:PutObject', 's3:AbortMultipartUpload'], objects(access.writes));
  if (access.catalog !== undefined)
    allow('Catalog', access.catalog === 'reads' ? CATALOG_READS : CATALOG_WRITES, catalog.arns);
  if (access.warehouse === true)
    allow('Password', ['secretsmanager:GetSecretValue'], [serving.secret.secretArn]);
  return statements;
}

/** The reason for each wildcard resource that `statementsOf` writes. */
export function reasonsOf(
  access: Access,
  lakeId: string,
  lakePrefix: string,
): Record<string, string> {
  const folders = new Set([...access.reads, ...access.writes]);
  return Object.fromEntries(
    [...folders].map((folder) => [
      `IAM5[Resource::<${lakeId}.Arn>/${lakePrefix}/${folder}*]`,
      `Objects of ${folder} have names that only a run knows.`,
    ]),
  );
}
