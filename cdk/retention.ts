import { RemovalPolicy } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { removesData, type StackChoices } from './props.ts';

/** Whether what holds data goes with the stack. */
export const removalOf = (choices: StackChoices): RemovalPolicy =>
  removesData(choices) ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;

const RETENTION = {
  30: RetentionDays.ONE_MONTH,
  60: RetentionDays.TWO_MONTHS,
  90: RetentionDays.THREE_MONTHS,
  180: RetentionDays.SIX_MONTHS,
  365: RetentionDays.ONE_YEAR,
};

/**
 * A log group that is encrypted and forgets after a while. `name` is fixed, so that a role can be
 * given just this group.
 */
export const logGroup = (
  scope: Construct,
  id: string,
  { key, choices, name }: { key: Key; choices: StackChoices; name: string },
): LogGroup =>
  new LogGroup(scope, id, {
    logGroupName: name,
    encryptionKey: key,
    retention: RETENTION[choices.logDays],
    removalPolicy: removalOf(choices),
  });
