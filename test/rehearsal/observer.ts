import {
  DescribeExecutionCommand,
  type ExecutionListItem,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { setTimeout } from 'node:timers/promises';

/** The observable state of the pipeline at work. */
export type Observer = {
  queueDepth(which: 'uploads' | 'dead'): Promise<number>;
  executions(): Promise<ExecutionListItem[]>;
  /** The states that an execution entered, in order. */
  states(name: string): Promise<string[]>;
  /** Number of executions by outcome, the failed ones by error. */
  ends(): Promise<Record<string, number>>;
  /**
   * Waits until the queue is empty and no execution runs. Error: no progress at all for the
   * seconds.
   */
  settled(stillSeconds?: number): Promise<void>;
};

type Watched = {
  queues: Record<'uploads' | 'dead', string>;
  machine: string;
  /** A number that grows with every action of functions or jobs. */
  calls: () => number;
};

export function observer(
  sqs: SQSClient,
  sfn: SFNClient,
  { queues, machine, calls }: Watched,
): Observer {
  async function queueDepth(which: 'uploads' | 'dead'): Promise<number> {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queues[which], AttributeNames: ['All'] }),
    );
    const all = new Map(Object.entries(Attributes));
    const count = (name: string): number => Number(all.get(`ApproximateNumberOf${name}`));
    return count('Messages') + count('MessagesNotVisible');
  }

  async function executions(): Promise<ExecutionListItem[]> {
    const answer = await sfn.send(new ListExecutionsCommand({ stateMachineArn: machine }));
    return answer.executions ?? [];
  }

  async function look(): Promise<{ isIdle: boolean; seen: string }> {
    const depth = await queueDepth('uploads');
    const runs = await executions();
    const isIdle = depth === 0 && runs.every(({ status }) => status !== 'RUNNING');
    const ended = runs.filter(({ status }) => status !== 'RUNNING').length;
    return { isIdle, seen: [depth, runs.length, ended, calls()].join() };
  }

  return {
    queueDepth,
    executions,
    async states(name) {
      const executionArn = `${machine.replace(':stateMachine:', ':execution:')}:${name}`;
      const { events = [] } = await sfn.send(
        new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }),
      );
      return events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
    },
    async ends() {
      const counts: Record<string, number> = {};
      for (const { executionArn, status = '' } of await executions()) {
        const { error } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
        const how = error === undefined ? status : `${status} ${error}`;
        counts[how] = (counts[how] ?? 0) + 1;
      }
      return counts;
    },
    async settled(stillSeconds = 400) {
      let [moved, before] = [Date.now(), ''];
      // Twice in a row: a message may be between the queue and the machine.
      for (let idle = 0; idle < 2; await setTimeout(400)) {
        const { isIdle, seen } = await look();
        idle = isIdle ? idle + 1 : 0;
        if (seen !== before) [moved, before] = [Date.now(), seen];
        if (Date.now() > moved + stillSeconds * 1000)
          throw new Error(`The pipeline has made no progress for ${stillSeconds} s: ${seen}`);
      }
    },
  };
}
