import { readFileSync } from 'node:fs';
import { Duration, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as Lambda } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { type FunctionName, type JobName, JOBS } from './permissions/access.ts';
import { acknowledge } from './permissions/nag-reasons.ts';
import type { Events } from './events.ts';
import type { Functions } from './functions.ts';
import type { Jobs } from './jobs.ts';
import { logGroup } from './retention.ts';
import { packaged } from './paths.ts';
import type { StackChoices } from './props.ts';
import type { Storage } from './storage.ts';

export type WorkflowProps = {
  storage: Storage;
  events: Events;
  functions: Functions;
  jobs: Jobs;
  choices: StackChoices;
};

/** States that call a function. */
const STATES = [
  'Plan',
  'BronzeToSilver',
  'SilverToGold',
  'SilverToGoldTask',
  'Commit',
  'Publish',
  'GoldToRds',
  'GoldToRdsTask',
  'UpsertSync',
  'NotifyFailure',
] as const satisfies FunctionName[];

/** The state machine, which runs the same definition as a laptop, and its triggers. */
export class Workflow extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id);
    const { functions, jobs, storage, choices } = props;
    const stateMachineName = choices.stackName;
    this.stateMachine = new StateMachine(this, 'Purchases', {
      stateMachineName,
      comment: 'Bronze to the serving table',
      definitionBody: DefinitionBody.fromString(
        readFileSync(packaged('src/state-machine/purchases.asl.json'), 'utf8'),
      ),
      definitionSubstitutions: Object.fromEntries([
        ...STATES.map((name) => [`${name}FunctionArn`, functions.all[name].functionArn]),
        ...Object.entries(jobs.all).map(([name, job]) => [`${name}JobName`, job.ref]),
      ]) as Record<string, string>,
      role: this.addRole(props),
      tracingEnabled: true,
      logs: {
        level: LogLevel.ALL,
        // Failure causes may name a customer: they stay in the history, which few roles may read.
        includeExecutionData: false,
        destination: logGroup(this, 'Logs', {
          key: storage.key,
          choices,
          name: `/aws/vendedlogs/states/${choices.stackName}`,
        }),
      },
    });
    this.addStarters(props);
  }

  private addRole({ functions, choices }: WorkflowProps): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      description: `The state machine of ${choices.stackName}`,
    });
    role.addToPolicy(
      new PolicyStatement({
        sid: 'CallSteps',
        actions: ['lambda:InvokeFunction'],
        resources: STATES.map((name) => functions.all[name].functionArn),
      }),
    );
    const jobArn = (name: JobName): string =>
      Stack.of(this).formatArn({
        service: 'glue',
        resource: 'job',
        resourceName: `${choices.stackName}-${JOBS[name].script.replace('.py', '')}`,
      });
    role.addToPolicy(
      new PolicyStatement({
        sid: 'RunJobs',
        actions: ['glue:StartJobRun', 'glue:GetJobRun', 'glue:GetJobRuns', 'glue:BatchStopJobRun'],
        resources: (Object.keys(JOBS) as JobName[]).map(jobArn),
      }),
    );
    acknowledge(role, {
      'IAM5[Resource::*]': 'Delivery of logs and traces is granted for all resources or none.',
    });
    return role;
  }

  private addStarters({ events, functions, choices }: WorkflowProps): void {
    const { Trigger: trigger, Sweep: sweep, FetchRates: fetchRates } = functions.all;
    for (const starter of [trigger, sweep]) {
      this.stateMachine.grantStartExecution(starter);
      starter.addEnvironment('PURCHASES_STATE_MACHINE', this.stateMachine.stateMachineArn);
    }
    trigger.addEventSource(
      new SqsEventSource(events.queue, {
        batchSize: 1000,
        maxBatchingWindow: Duration.seconds(30),
        maxConcurrency: 2,
        reportBatchItemFailures: true,
      }),
    );
    this.every('Sweep', Schedule.rate(Duration.minutes(choices.sweepMinutes)), sweep, events);
    // The European Central Bank publishes about 16:00 in Frankfurt.
    this.every('Rates', Schedule.cron({ minute: '30', hour: '15' }), fetchRates, events);
  }

  private every(id: string, schedule: Schedule, target: Lambda, { deadLetters }: Events): void {
    const rule = new Rule(this, id, { schedule, description: `Starts ${id} on a schedule` });
    rule.addTarget(
      new LambdaFunction(target, {
        retryAttempts: 3,
        deadLetterQueue: deadLetters,
      }),
    );
  }
}
