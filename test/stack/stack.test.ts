import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../../cdk/permissions/access.ts';
import { removesData, StackShape } from '../../cdk/props.ts';
import { countKinds } from '../../src/cli/aws/explain-stack.ts';
import { jobPermissionTests } from './job-permissions.ts';
import { permissionTests } from './permissions.ts';
import { outsideAccessTests } from './outside-access.ts';
import { type Resource, synthesise, type Synthesised } from './synth.ts';

let stack: Synthesised;
let template: Template;
const DEFAULTS = StackShape.parse({});
const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

beforeAll(() => {
  stack = synthesise();
  template = Template.fromJSON(stack.template);
}, 180_000);

const resources = (type: string): [string, Resource][] =>
  Object.entries(stack.template.Resources).filter(([, { Type }]) => Type === type);
const expectOne = (type: string, properties: object): void =>
  template.hasResourceProperties(type, Match.objectLike(properties));
const withoutLeaf = (finding: string): string =>
  finding.replace(/(?:\/DefaultPolicy)?\/Resource$/, '');

describe('permissions', () => {
  permissionTests(() => stack);
  jobPermissionTests(() => stack);
  outsideAccessTests(() => stack);
});

describe('checks by other tools', () => {
  test('each finding of cdk-nag has its reason, and each reason a finding', () => {
    const findings = stack.findings.map(withoutLeaf).toSorted((a, b) => (a < b ? -1 : 1));
    const reasons = stack.reasons.map(({ at }) => at).toSorted((a, b) => (a < b ? -1 : 1));
    expect(reasons).toEqual(findings);
    expect(stack.reasons.filter(({ reason }) => reason.length < 20)).toEqual([]);
  });

  test('cfn-lint reports only dependencies that the CDK writes twice', async () => {
    const args = ['--format', 'parseable', '--ignore-checks', 'W3005', '--', stack.file];
    const { stdout } = await promisify(execFile)(file('.venv/bin/cfn-lint'), args).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe('');
  }, 180_000);
});

describe('the template', () => {
  test('each kind of resource has a plain description', () => {
    const unknown = countKinds(stack.template).filter(({ paid }) => paid === 'unknown');
    expect(unknown).toEqual([]);
  });

  test('it leaves the zones to the account that it is deployed to', () => {
    expect(JSON.stringify(stack.template)).not.toMatch(/dummy|[a-z]{2}-[a-z]+-\d[a-c]/);
  });

  test('the lake is encrypted with its own rotated key, versioned, never public, TLS only, its reads and writes logged', () => {
    expectOne('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } },
        ],
      },
      VersioningConfiguration: { Status: 'Enabled' },
      LoggingConfiguration: { LogFilePrefix: 'lake/' },
    });
    expectOne('AWS::KMS::Key', { EnableKeyRotation: true });
    template.allResourcesProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    const tlsOnly = {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Action: 's3:*',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        ]),
      },
    };
    expect(
      Object.keys(template.findResources('AWS::S3::BucketPolicy', { Properties: tlsOnly })),
    ).toHaveLength(2);
  });

  test('only old versions and incomplete uploads of the lake expire', () => {
    const lake = resources('AWS::S3::Bucket').find(
      ([, { Properties }]) => 'VersioningConfiguration' in Properties,
    );
    const { Rules } = Object(lake?.[1].Properties['LifecycleConfiguration']) as {
      Rules: { Id: string; ExpirationInDays?: number; Prefix?: string }[];
    };
    expect(Rules.filter(({ ExpirationInDays }) => ExpirationInDays !== undefined)).toEqual([
      { Id: 'query-results', Prefix: 'athena-results/', ExpirationInDays: 30, Status: 'Enabled' },
    ]);
    expect(Rules).toContainEqual(
      expect.objectContaining({
        NoncurrentVersionExpiration: { NoncurrentDays: DEFAULTS.oldVersionDays },
      }),
    );
  });

  test('uploads and removals below bronze notify an encrypted queue, which moves a message to the dead-letter queue after three failures', () => {
    const events = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'].map((Event) =>
      Match.objectLike({
        Event,
        Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'datalake/bronze/' }] } },
      }),
    );
    expectOne('AWS::S3::Bucket', { NotificationConfiguration: { QueueConfigurations: events } });
    expect(resources('AWS::SQS::Queue')).toHaveLength(2);
    expectOne('AWS::SQS::Queue', {
      VisibilityTimeout: 360,
      RedrivePolicy: { maxReceiveCount: 3 },
      KmsMasterKeyId: Match.anyValue(),
    });
    expectOne('AWS::Lambda::EventSourceMapping', {
      BatchSize: 1000,
      MaximumBatchingWindowInSeconds: 30,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
  });

  test('the functions run Node 22 on x86-64, traced, with the time, memory and disk that they need', () => {
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs22.x',
      Architectures: ['x86_64'],
      TracingConfig: { Mode: 'Active' },
      KmsKeyArn: Match.anyValue(),
    });
    for (const { file: name, seconds, memoryMb, diskMb } of Object.values(FUNCTIONS))
      expectOne('AWS::Lambda::Function', {
        FunctionName: `CustomerPurchases-${name}`,
        Handler: `${name}.handler`,
        Timeout: seconds,
        MemorySize: memoryMb,
        EphemeralStorage: { Size: diskMb },
      });
  });

  test('only functions that use the database are in its network, which has no route out', () => {
    const inside = resources('AWS::Lambda::Function')
      .filter(([, { Properties }]) => Properties['VpcConfig'] !== undefined)
      .map(([, { Properties }]) => Properties['Handler']);
    expect(inside).toEqual([
      'plan.handler',
      'gold-to-rds.handler',
      'gold-to-rds-task.handler',
      'lambda_upsert_sync.handler',
    ]);
    for (const type of ['NatGateway', 'InternetGateway', 'EIP'])
      template.resourceCountIs(`AWS::EC2::${type}`, 0);
    template.resourceCountIs('AWS::EC2::VPCEndpoint', 5);
  });

  test('the database is not public, encrypted, TLS only, backed up, protected from deletion, its password rotated each month', () => {
    expect(resources('AWS::RDS::DBInstance')).toHaveLength(1);
    expectOne('AWS::RDS::DBInstance', {
      Engine: 'postgres',
      PubliclyAccessible: false,
      StorageEncrypted: true,
      StorageType: 'gp3',
      BackupRetentionPeriod: DEFAULTS.backupDays,
      DeletionProtection: true,
      MultiAZ: false,
    });
    expectOne('AWS::RDS::DBParameterGroup', {
      Parameters: Match.objectLike({ 'rds.force_ssl': '1' }),
    });
    expectOne('AWS::SecretsManager::RotationSchedule', {
      RotationRules: { ScheduleExpression: 'rate(30 days)' },
    });
  });

  test('the state machine is the definition that a laptop runs, with every name filled in, logged and traced', () => {
    const [[, machine] = []] = resources('AWS::StepFunctions::StateMachine');
    const { DefinitionString, DefinitionSubstitutions } = Object(machine?.Properties) as {
      DefinitionString: string;
      DefinitionSubstitutions: object;
    };
    const definition = readFileSync(file('src/state-machine/purchases.asl.json'), 'utf8');
    expect(DefinitionString).toBe(definition);
    const wanted = new Set([...definition.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name));
    expect(new Set(Object.keys(DefinitionSubstitutions))).toEqual(wanted);
    expectOne('AWS::StepFunctions::StateMachine', {
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
    });
  });

  test('Glue jobs run the tested version, encrypt their output, and stop after four hours', () => {
    template.allResourcesProperties('AWS::Glue::Job', {
      GlueVersion: '5.0',
      Timeout: 240,
      MaxRetries: 0,
      NumberOfWorkers: DEFAULTS.glueWorkers,
      SecurityConfiguration: Match.anyValue(),
    });
    expectOne('AWS::Glue::Connection', {
      ConnectionInput: { ConnectionProperties: Match.objectLike({ JDBC_ENFORCE_SSL: 'true' }) },
    });
  });

  test('Athena encrypts its results, stops queries that scan too much, and has three saved ones', () => {
    expectOne('AWS::Athena::WorkGroup', {
      WorkGroupConfiguration: {
        EnforceWorkGroupConfiguration: true,
        BytesScannedCutoffPerQuery: DEFAULTS.athenaScanGb * 2 ** 30,
        ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: 'SSE_KMS' } },
      },
    });
    const names = resources('AWS::Athena::NamedQuery').map(
      ([, { Properties }]) => Properties['Name'],
    );
    expect(names).toEqual(['monthly-spend', 'refused-rows', 'top-customers']);
    template.resourceCountIs('AWS::Glue::Table', 0);
  });

  test('a failed run, dead letters, many rejected rows, late data, silence and old rates ring an alarm', () => {
    const names = resources('AWS::CloudWatch::Alarm').map(
      ([, { Properties }]) => Properties['AlarmName'],
    );
    expect(names).toEqual(
      'RunFailed RunTimedOut DeadLetters TriggerFailed Quarantine Freshness OldRates DatabaseFull NoRuns'
        .split(' ')
        .map((name) => `CustomerPurchases-${name}`),
    );
    template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: Match.anyValue() });
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
    expectOne('AWS::Budgets::Budget', { Budget: { BudgetLimit: { Amount: 150, Unit: 'USD' } } });
  });

  test('a schedule sweeps each hour, another fetches rates each day after the bank publishes them; failed calls go to a dead-letter queue', () => {
    const schedules = resources('AWS::Events::Rule').map(([, { Properties }]) => {
      const [{ DeadLetterConfig, RetryPolicy } = {}] = Properties['Targets'] as object[] as Record<
        string,
        unknown
      >[];
      expect([DeadLetterConfig, RetryPolicy]).toEqual([
        expect.anything(),
        { MaximumRetryAttempts: 3 },
      ]);
      return Properties['ScheduleExpression'];
    });
    expect(schedules).toEqual(['rate(1 hour)', 'cron(30 15 * * ? *)']);
  });

  test('logs are encrypted and expire', () => {
    template.allResourcesProperties('AWS::Logs::LogGroup', {
      RetentionInDays: DEFAULTS.logDays,
      KmsKeyId: Match.anyValue(),
    });
  });

  test('every resource that holds data stays when the stack is deleted', () => {
    const holders = [
      'AWS::S3::Bucket',
      'AWS::KMS::Key',
      'AWS::RDS::DBInstance',
      'AWS::Logs::LogGroup',
    ];
    const gone = holders
      .flatMap(resources)
      .filter(([, { DeletionPolicy }]) => DeletionPolicy !== 'Retain')
      .map(([name]) => name);
    expect(gone).toEqual([]);
  });
});

test.each([
  [{}, false],
  [{ removeData: true }, false],
  [{ removeDataOf: 'CustomerPurchases' }, false],
  [{ removeData: true, removeDataOf: 'Other' }, false],
  [{ removeData: true, removeDataOf: 'CustomerPurchases' }, true],
])('data go with the stack only where both switches agree: %j', (choices, gone) => {
  expect(removesData(StackShape.parse(choices))).toBe(gone);
});
