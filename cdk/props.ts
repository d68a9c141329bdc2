import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The settings of a deployment. The defaults suit a small shop; docs/aws.md prints this table. */
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
    .describe('Name of the lake’s bucket; CloudFormation generates one by default'),
  lakePrefix: z
    .string()
    .regex(/^[a-z\d_-]+(?:\/[a-z\d_-]+)*$/)
    .default('datalake')
    .describe('Folder of the bucket that holds the lake'),
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
    .describe('Minutes between the runs that look for changes without an event'),
  ratesUrl: z
    .url()
    .optional()
    .describe('URL of the exchange rates; the European Central Bank’s by default'),
  alarmEmail: z
    .email()
    .optional()
    .describe('Address that receives alarms and budget notices; confirm the mail that AWS sends'),
  quarantineAlarmPercent: z
    .number()
    .min(0)
    .max(100)
    .default(5)
    .describe('Alarm when a run rejects more than this percentage of its rows'),
  freshnessAlarmHours: z
    .number()
    .min(1)
    .default(6)
    .describe('Alarm when an upload takes longer than this to reach the table'),
  monthlyBudgetUsd: z
    .number()
    .min(1)
    .default(150)
    .describe('Budget of the account in USD a month: notices at 80% spent and at 100% forecast'),
  removeData: z
    .boolean()
    .default(false)
    .describe('Remove bucket, keys, logs and database with the stack; requires removeDataOf'),
  removeDataOf: z
    .string()
    .optional()
    .describe('The stack’s name again: data are removed only if both switches agree'),
});

export type StackChoices = z.infer<typeof StackShape>;

/**
 * Reads choices from a JSON file; without a file, every default applies. The error lists all
 * faults, each with its path.
 */
export function readChoices(file: string | undefined): StackChoices {
  const given: unknown = file === undefined ? {} : JSON.parse(readFileSync(file, 'utf8'));
  const { success, data, error } = StackShape.safeParse(given);
  if (!success) throw new Error(`${file}: ${z.prettifyError(error)}`);
  return data;
}

/** True if both switches allow the data to be removed with the stack. */
export const removesData = ({ removeData, removeDataOf, stackName }: StackChoices): boolean =>
  removeData && removeDataOf === stackName;
