import { RemovalPolicy } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { removesData, type StackChoices } from './props.ts';

/** The removal policy of resources that hold data. */
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
 * An encrypted log group with a retention period. `name` is fixed, so that a role can be granted
 * access to this group only.
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
