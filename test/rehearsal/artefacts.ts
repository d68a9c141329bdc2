import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
} from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { PASSWORD } from '../servers/process.ts';
import type { Stage } from './stage.ts';

/**
 * All output of the pipeline outside the lake and the database, by location: operators may read it.
 */
async function artefacts({
  sfn,
  sqs,
  raised,
  functions,
  jobs,
}: Stage): Promise<Record<string, string>> {
  const histories: unknown[] = [];
  const { executions = [] } = await sfn.send(
    new ListExecutionsCommand({ stateMachineArn: raised.machine }),
  );
  for (const { executionArn } of executions)
    histories.push(
      await sfn.send(new DescribeExecutionCommand({ executionArn })),
      await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 })),
    );
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: raised.queues.dead,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 0,
    }),
  );
  return {
    'logs and metrics': functions.printed(),
    'logs of jobs': (jobs?.runs ?? []).map(({ printed }) => printed).join('\n'),
    'histories of executions': JSON.stringify(histories),
    'dead letters': JSON.stringify(Messages),
  };
}

/**
 * Finds the words, or the database's password, in the output outside the lake and the database. It
 * should find none.
 */
export async function leaks(stage: Stage, words: readonly string[]): Promise<string[]> {
  const found = Object.entries(await artefacts(stage));
  const secret = [PASSWORD, encodeURIComponent(PASSWORD)];
  return [...words, ...secret].flatMap((word) =>
    found
      .filter(([, text]) => text.toLowerCase().includes(word.toLowerCase()))
      .map(([where]) => `${word} in ${where}`),
  );
}

/** Names and addresses in lines of the serving table. */
export const peopleIn = (table: string): string[] =>
  [...table.matchAll(/"(?:full_name|email)":"([^"]+)"/g)].map(([, value]) => value ?? '');
