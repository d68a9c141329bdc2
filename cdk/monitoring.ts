import { Aws, Duration } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Events } from './events.ts';
import type { Functions } from './functions.ts';
import type { StackChoices } from './props.ts';
import type { Serving } from './serving.ts';
import type { Storage } from './storage.ts';
import type { Workflow } from './workflow.ts';

export type WatchProps = {
  storage: Storage;
  events: Events;
  functions: Functions;
  serving: Serving;
  workflow: Workflow;
  choices: StackChoices;
};

const GB = 2 ** 30;
const HOUR = Duration.hours(1);

/** A metric that the functions write into their logs. */
const own = (metricName: string, statistic: string, period = HOUR): Metric =>
  new Metric({
    namespace: 'CustomerPurchases',
    metricName,
    statistic,
    period,
    dimensionsMap: { service: 'purchases' },
  });

/** Alarms that publish to a topic, a dashboard, and a budget. */
export class Watch extends Construct {
  readonly topic: Topic;
  private readonly choices: StackChoices;

  constructor(scope: Construct, id: string, props: WatchProps) {
    super(scope, id);
    this.choices = props.choices;
    this.topic = this.addTopic(props.storage);
    this.addAlarms(props);
    this.addDashboard(props);
    this.addBudget();
  }

  private addTopic({ key }: Storage): Topic {
    const topic = new Topic(this, 'Alarms', { masterKey: key, enforceSSL: true });
    for (const service of ['cloudwatch', 'budgets'])
      topic.addToResourcePolicy(
        new PolicyStatement({
          principals: [new ServicePrincipal(`${service}.amazonaws.com`)],
          actions: ['sns:Publish'],
          resources: [topic.topicArn],
          conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
        }),
      );
    if (this.choices.alarmEmail !== undefined)
      topic.addSubscription(new EmailSubscription(this.choices.alarmEmail));
    return topic;
  }

  private addAlarms({ events, functions, serving, workflow }: WatchProps): void {
    const { stateMachine } = workflow;
    const { quarantineAlarmPercent, freshnessAlarmHours, sweepMinutes } = this.choices;
    const sum = { statistic: 'Sum', period: Duration.minutes(5) };
    const above = (id: string, about: string, metric: IMetric, threshold: number): void =>
      this.alarm(id, about, metric, threshold, ComparisonOperator.GREATER_THAN_THRESHOLD);
    above('RunFailed', 'A run failed for good', stateMachine.metricFailed(sum), 0);
    above('RunTimedOut', 'A run took too long', stateMachine.metricTimedOut(sum), 0);
    above(
      'DeadLetters',
      'Events were put aside',
      events.deadLetters.metricApproximateNumberOfMessagesVisible(),
      0,
    );
    above('TriggerFailed', 'The trigger fails', functions.all.Trigger.metricErrors(sum), 0);
    above(
      'Quarantine',
      'A run refused many rows',
      own('QuarantinedShare', 'Maximum'),
      quarantineAlarmPercent,
    );
    above(
      'Freshness',
      'An upload took long to reach the table',
      own('FreshnessSeconds', 'Maximum'),
      freshnessAlarmHours * 3600,
    );
    above(
      'OldRates',
      'Exchange rates are old',
      own('RatesAgeDays', 'Maximum', Duration.days(1)),
      7,
    );
    const below = ComparisonOperator.LESS_THAN_THRESHOLD;
    const space = serving.instance.metricFreeStorageSpace({ statistic: 'Minimum' });
    this.alarm('DatabaseFull', 'The database runs out of space', space, 2 * GB, below);
    // The sweep starts a run even when nothing happened, so no runs at all is a fault.
    const started = stateMachine.metricStarted({
      statistic: 'Sum',
      period: Duration.minutes(Math.max(180, 3 * sweepMinutes)),
    });
    this.alarm(
      'NoRuns',
      'Nothing was run, not even by the sweep',
      started,
      1,
      below,
      TreatMissingData.BREACHING,
    );
  }

  private alarm(
    id: string,
    about: string,
    metric: IMetric,
    threshold: number,
    comparisonOperator: ComparisonOperator,
    treatMissingData = TreatMissingData.NOT_BREACHING,
  ): void {
    const alarm = new Alarm(this, id, {
      alarmName: `${this.choices.stackName}-${id}`,
      alarmDescription: `${about}: docs/runbook.md says what to do.`,
      metric,
      threshold,
      comparisonOperator,
      treatMissingData,
      evaluationPeriods: 1,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
  }

  private addDashboard({ events, functions, serving, workflow }: WatchProps): void {
    const { stateMachine } = workflow;
    const graph = (title: string, ...left: IMetric[]): GraphWidget =>
      new GraphWidget({ title, left, width: 12, height: 6 });
    const rows = ['RowsRead', 'RowsAccepted', 'RowsQuarantined'].map((name) => own(name, 'Sum'));
    const changes = ['CustomersInserted', 'CustomersUpdated', 'CustomersDeleted'].map((name) =>
      own(name, 'Sum'),
    );
    const durations = Object.values(functions.all).map((each) =>
      each.metricDuration({ statistic: 'Maximum' }),
    );
    new Dashboard(this, 'Dashboard', {
      dashboardName: this.choices.stackName,
      widgets: [
        [
          graph(
            'Runs',
            stateMachine.metricStarted(),
            stateMachine.metricSucceeded(),
            stateMachine.metricFailed(),
          ),
          graph('Rows', ...rows),
        ],
        [graph('Customers changed', ...changes), graph('Customers', own('Customers', 'Maximum'))],
        [
          graph('Share refused, %', own('QuarantinedShare', 'Maximum')),
          graph('Upload to table, s', own('FreshnessSeconds', 'Maximum')),
        ],
        [
          graph(
            'Events',
            own('EventsTaken', 'Sum'),
            own('EventsIgnored', 'Sum'),
            own('EventsRefused', 'Sum'),
          ),
          graph(
            'Queue',
            events.queue.metricApproximateNumberOfMessagesVisible(),
            events.deadLetters.metricApproximateNumberOfMessagesVisible(),
          ),
        ],
        [
          graph('Functions, ms', ...durations),
          graph(
            'Database',
            serving.instance.metricCPUUtilization(),
            serving.instance.metricDatabaseConnections(),
          ),
        ],
      ],
    });
  }

  private addBudget(): void {
    const subscribers = [{ subscriptionType: 'SNS', address: this.topic.topicArn }];
    const notice = (
      notificationType: string,
      threshold: number,
    ): CfnBudget.NotificationWithSubscribersProperty => ({
      notification: {
        notificationType,
        comparisonOperator: 'GREATER_THAN',
        threshold,
        thresholdType: 'PERCENTAGE',
      },
      subscribers,
    });
    new CfnBudget(this, 'Budget', {
      budget: {
        budgetName: this.choices.stackName,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: this.choices.monthlyBudgetUsd, unit: 'USD' },
      },
      notificationsWithSubscribers: [notice('ACTUAL', 80), notice('FORECASTED', 100)],
    });
  }
}
