import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { FUNCTIONS, type FunctionName, JOBS } from '../../cdk/permissions/access.ts';
import { target } from '../architecture/arrow.ts';
import { readSource } from '../architecture/source.ts';
import type { Synthesised } from './synth.ts';

type Statement = { Effect: string; Action: string | string[]; Resource: unknown; Sid?: string };
type Permitted = { actions: Set<string>; statements: Statement[] };

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
/**
 * The permissions of a function's, job's or machine's role, by the name that its policies start
 * with.
 */
function permitted({ template }: Synthesised, prefix: string): Permitted {
  const statements = Object.entries(template.Resources)
    .filter(([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.startsWith(prefix))
    .flatMap(
      ([, { Properties }]) =>
        (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement,
    )
    .filter(({ Effect }) => Effect === 'Allow');
  return { statements, actions: new Set(statements.flatMap(({ Action }) => Action)) };
}

const importsOf = new Map<string, string[]>();

/** The imports of a file, read once. */
function imported(path: string): string[] {
  const known = importsOf.get(path);
  if (known !== undefined) return known;
  const { imports } = readSource(path, readFileSync(file(path), 'utf8'));
  const found = imports.flatMap(({ specifier }) => target(path, specifier) ?? []);
  importsOf.set(path, found);
  return found;
}

/** Every file that a handler imports, directly or indirectly, dynamic imports included. */
function reached(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path) || !existsSync(file(path))) return seen;
  seen.add(path);
  if (path.endsWith('.ts')) for (const to of imported(path)) reached(to, seen);
  return seen;
}

/**
 * The permissions that SDK calls need, and on which resource; `paginate…` and `Upload` by the
 * commands that they send.
 */
const CALLS: Record<string, readonly string[]> = {
  HeadObjectCommand: ['s3:GetObject'],
  GetObjectCommand: ['s3:GetObject'],
  PutObjectCommand: ['s3:PutObject'],
  DeleteObjectCommand: ['s3:DeleteObject'],
  ListObjectsV2Command: ['s3:ListBucket'],
  CreateMultipartUploadCommand: ['s3:PutObject'],
  UploadPartCommand: ['s3:PutObject'],
  CompleteMultipartUploadCommand: ['s3:PutObject'],
  AbortMultipartUploadCommand: ['s3:AbortMultipartUpload'],
  CopyObjectCommand: ['s3:GetObject', 's3:PutObject'],
  Upload: ['s3:PutObject', 's3:AbortMultipartUpload'],
  paginateListObjectsV2: ['s3:ListBucket'],
  GetTableCommand: ['glue:GetTable'],
  paginateGetPartitions: ['glue:GetPartitions'],
  CreateTableCommand: ['glue:CreateTable'],
  UpdateTableCommand: ['glue:UpdateTable'],
  BatchCreatePartitionCommand: ['glue:BatchCreatePartition'],
  BatchUpdatePartitionCommand: ['glue:BatchUpdatePartition'],
  BatchDeletePartitionCommand: ['glue:BatchDeletePartition'],
  GetSecretValueCommand: ['secretsmanager:GetSecretValue'],
  StartExecutionCommand: ['states:StartExecution'],
};
const CALL = new RegExp(`\\bnew (\\w+Command|Upload)\\(|\\b(paginate\\w+)\\(`, 'g');

/** Calls in the sources that a handler imports, by the folder of the port that they implement. */
function callsOf(name: FunctionName): { call: string; path: string }[] {
  return [...reached(`src/lambda/${FUNCTIONS[name].file}.ts`)]
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) =>
      [...readFileSync(file(path), 'utf8').matchAll(CALL)].map(([, sent, paged]) => ({
        call: sent ?? paged ?? '',
        path,
      })),
    );
}

/**
 * The reason why an action that the code contains is not granted: the function never reaches it.
 */
function reasonAgainst(action: string, name: FunctionName): string | undefined {
  const spec: (typeof FUNCTIONS)[FunctionName] & {
    catalog?: string;
    warehouse?: true;
    starts?: true;
  } = FUNCTIONS[name];
  const isCatalogWrite = /^glue:(?:Create|Update|Batch)/.test(action);
  if (action === 's3:DeleteObject') return 'only vacuum and erase delete, from a command line';
  if (action.startsWith('glue:') && spec.catalog === undefined)
    return 'its environment names no catalog';
  if (isCatalogWrite && spec.catalog === 'reads') return 'Plan only asks which commit is shown';
  if (action.startsWith('secretsmanager:') && spec.warehouse === undefined)
    return 'its environment names no database';
  if (action.startsWith('states:') && spec.starts === undefined)
    return 'its environment names no state machine';
  if (action.startsWith('s3:') && spec.reads.length === 0) return 'it never opens the lake';
  if (/^s3:(?:Put|Abort)/.test(action) && spec.writes.length === 0) return 'it writes nothing';
  return undefined;
}

/** Checks that each role has exactly the permissions that its code needs. */
export function permissionTests(stack: () => Synthesised): void {
  functionTests(stack);
  machineTests(stack);
  statementTests(stack);
}

function functionTests(stack: () => Synthesised): void {
  describe('each function may do what its code does, and nothing else', () => {
    test.each(Object.keys(FUNCTIONS) as FunctionName[])('%s', (name) => {
      const calls = callsOf(name);
      expect(calls.filter(({ call }) => CALLS[call] === undefined)).toEqual([]);
      const { actions } = permitted(stack(), `Functions${name}Role`);
      const needed = new Set(calls.flatMap(({ call }) => CALLS[call] ?? []));
      const missing = [...needed].filter(
        (action) => !actions.has(action) && reasonAgainst(action, name) === undefined,
      );
      expect(missing).toEqual([]);
      const own = /^(?:logs|xray|ec2|kms|sqs):/;
      const spare = [...actions].filter((action) => !needed.has(action) && !own.test(action));
      expect(spare).toEqual([]);
    });

    test.each(Object.entries(FUNCTIONS))(
      '%s may access what its environment names',
      (name, { file: handler }) => {
        const found = Object.values(stack().template.Resources).find(
          ({ Properties }) => Properties['FunctionName'] === `CustomerPurchases-${handler}`,
        );
        const { Variables } = Object(found?.Properties['Environment']) as {
          Variables: Record<string, unknown>;
        };
        const { actions } = permitted(stack(), `Functions${name}Role`);
        expect({
          catalog: 'PURCHASES_CATALOG' in Variables,
          warehouse: 'PURCHASES_WAREHOUSE' in Variables,
          machine: 'PURCHASES_STATE_MACHINE' in Variables,
        }).toEqual({
          catalog: actions.has('glue:GetTable'),
          warehouse: actions.has('secretsmanager:GetSecretValue'),
          machine: actions.has('states:StartExecution'),
        });
      },
    );
  });
}

function machineTests(stack: () => Synthesised): void {
  test('the state machine may call only what its definition calls', () => {
    const definition = JSON.parse(
      readFileSync(file('src/state-machine/purchases.asl.json'), 'utf8'),
    ) as {
      States: Record<string, { Resource?: string; Parameters?: Record<string, string> }>;
    };
    const states = Object.values(definition.States).filter(
      ({ Resource }) => Resource !== undefined,
    );
    const names = (resource: string, parameter: string): string[] =>
      states
        .filter(({ Resource }) => Resource === resource)
        .map(({ Parameters }) => Parameters?.[parameter] ?? '')
        .toSorted((a, b) => (a < b ? -1 : 1));
    const called = names('arn:aws:states:::lambda:invoke', 'FunctionName');
    const run = names('arn:aws:states:::glue:startJobRun.sync', 'JobName');
    expect(called.length + run.length).toBe(states.length);
    const { statements, actions } = permitted(stack(), 'WorkflowRole');
    const granted = (sid: string): unknown[] =>
      statements.find(({ Sid }) => Sid === sid)?.Resource as unknown[];
    expect(granted('CallSteps')).toHaveLength(new Set(called).size);
    expect(run.map((name) => name.replace(/^\$\{(\w+)JobName\}$/, '$1'))).toEqual(
      Object.keys(JOBS).toSorted((a, b) => (a < b ? -1 : 1)),
    );
    expect(granted('RunJobs')).toHaveLength(run.length);
    expect([...actions].filter((action) => /^(?:lambda|glue):/.test(action))).toEqual([
      'lambda:InvokeFunction',
      'glue:StartJobRun',
      'glue:GetJobRun',
      'glue:GetJobRuns',
      'glue:BatchStopJobRun',
    ]);
  });
}

function statementTests(stack: () => Synthesised): void {
  describe('statements', () => {
    const all = (): [string, Statement][] =>
      Object.entries(stack().template.Resources)
        .filter(([, { Type }]) => Type === 'AWS::IAM::Policy' || Type === 'AWS::IAM::Role')
        .flatMap(([id, { Properties }]) => {
          const inline = (Properties['Policies'] ?? []) as {
            PolicyDocument: { Statement: Statement[] };
          }[];
          const documents = [
            Properties['PolicyDocument'],
            ...inline.map(({ PolicyDocument }) => PolicyDocument),
          ];
          return documents
            .flatMap(
              (document) => (document as { Statement: Statement[] } | undefined)?.Statement ?? [],
            )
            .map((statement): [string, Statement] => [id, statement]);
        });

    test('no statement allows an action by a pattern, except those that the library writes for the key', () => {
      const loose = all().flatMap(([id, { Action }]) =>
        [Action]
          .flat()
          .filter((action) => action.includes('*'))
          .map((action) => `${id} ${action}`),
      );
      expect(loose).toEqual([]);
    });

    test('no statement names all resources without a stated reason', () => {
      const reasons = stack()
        .reasons.filter(({ at }) => at.includes('IAM5[Resource::*]'))
        .map(({ at }) => at.split('/').slice(1).join(''));
      const loose = all()
        .filter(([, { Resource }]) => [Resource].flat().includes('*'))
        .map(([id]) => id)
        .filter((id) => !reasons.some((place) => id.startsWith(place)));
      expect(loose).toEqual([]);
    });

    test('no role has an AWS managed policy, which may grow without notice', () => {
      const managed = Object.values(stack().template.Resources).filter(
        ({ Type, Properties }) =>
          Type === 'AWS::IAM::Role' && Properties['ManagedPolicyArns'] !== undefined,
      );
      expect(managed).toEqual([]);
    });
  });
}
