import { readFileSync } from 'node:fs';
import { z } from 'zod';

/**
 * What a deployment may decide. Every default is one that a small shop can keep; docs/aws.md prints
 * this table.
 */
export const StackShape = z.strictObject({
  stackName: z
    .string()
    .regex(/^[A-Za-z][A-Za-z\d-]{0,62}$/)
    .default('CustomerPurchases')
    .describe('Name of the stack, and the first part of the names of what is in it'),
  bucketName: z
    .string()
    .regex(/^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/)
    .optional()
    .describe('Name of the lake’s bucket; CloudFormation makes one up unless said'),
  lakePrefix: z
    .string()
    .regex(/^[a-z\d_-]+(?:\/[a-z\d_-]+)*$/)
    .default('datalake')
    .describe('Folder of the bucket in which the lake lies'),
  oldVersionDays: z
    .int()
    .min(1)
    .default(35)
    .describe('Days for which overwritten and deleted objects can be restored'),
  coldBronzeDays: z
    .int()
    .min(30)
    .default(90)
    .describe('Days after which bronze moves to S3 Intelligent-Tiering'),
  logDays: z
    .literal([30, 60, 90, 180, 365])
    .default(90)
    .describe('Days for which logs are kept; access logs of the bucket too'),
  databaseClass: z
    .string()
    .regex(/^[a-z\d]+\.[a-z\d]+$/)
    .default('t4g.micro')
    .describe('Instance class of the RDS PostgreSQL, without `db.`'),
  databaseGb: z
    .int()
    .min(20)
    .default(20)
    .describe('Storage of the database in GB; it grows by itself to five times that'),
  databaseName: z
    .string()
    .regex(/^[a-z][a-z\d_]{0,62}$/)
    .default('serving')
    .describe('Name of the serving database'),
  multiAz: z
    .boolean()
    .default(false)
    .describe(
      'A standby of the database in a second zone; without one, gold refills a new database',
    ),
  backupDays: z.int().min(1).max(35).default(14).describe('Days of automatic database backups'),
  clusterBytes: z
    .int()
    .min(0)
    .default(2 ** 31)
    .describe('A run that reads more bytes than this is done by Glue, a smaller one by Lambda'),
  glueWorkers: z
    .int()
    .min(2)
    .max(100)
    .default(4)
    .describe('The most G.1X workers of a Glue job; it starts with fewer'),
  athenaScanGb: z
    .int()
    .min(1)
    .default(10)
    .describe('An Athena query that scans more GB than this is cancelled'),
  sweepMinutes: z
    .int()
    .min(5)
    .max(1440)
    .default(60)
    .describe('Minutes between the runs that look for what no event told of'),
  ratesUrl: z
    .url()
    .optional()
    .describe('Where exchange rates are fetched; the European Central Bank unless said'),
  alarmEmail: z
    .email()
    .optional()
    .describe('Who is told of alarms and of the budget; confirm the mail that AWS sends'),
  quarantineAlarmPercent: z
    .number()
    .min(0)
    .max(100)
    .default(5)
    .describe('An alarm rings when a run refuses more than this percentage of its rows'),
  freshnessAlarmHours: z
    .number()
    .min(1)
    .default(6)
    .describe('An alarm rings when an upload took longer than this to reach the table'),
  monthlyBudgetUsd: z
    .number()
    .min(1)
    .default(150)
    .describe('Budget of the account in USD a month: told at 80% spent and at 100% forecast'),
  removeData: z
    .boolean()
    .default(false)
    .describe('Remove bucket, keys, logs and database with the stack; needs removeDataOf as well'),
  removeDataOf: z
    .string()
    .optional()
    .describe('The stack’s name once more: data go only where both switches agree'),
});

export type StackChoices = z.infer<typeof StackShape>;

/**
 * Reads choices from a JSON file; none: every default. Faults are told all at once, each with its
 * path.
 */
export function readChoices(file: string | undefined): StackChoices {
  const given: unknown = file === undefined ? {} : JSON.parse(readFileSync(file, 'utf8'));
  const { success, data, error } = StackShape.safeParse(given);
  if (!success) throw new Error(`${file}: ${z.prettifyError(error)}`);
  return data;
}

/** Whether data may go with the stack: both switches say so. */
export const removesData = ({ removeData, removeDataOf, stackName }: StackChoices): boolean =>
  removeData && removeDataOf === stackName;
