import { createHash } from 'node:crypto';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { ConfigInvalid } from '../../errors.ts';
import { initialRunState } from '../../state-machine/run-state.ts';
import type { ObjectEvent } from './events.ts';

/**
 * Starts an execution of the state machine; true if this call started it, false if one with that
 * name was started before.
 */
export type StartRun = (name: string, reason: string) => Promise<boolean>;

/**
 * Returns the starter of the state machine. Error: `ConfigInvalid` if the stack named no machine.
 */
export function startRuns(stateMachineArn: string | undefined): StartRun {
  if (stateMachineArn === undefined)
    throw new ConfigInvalid('PURCHASES_STATE_MACHINE is not set.', {
      hint: 'Deploy the stack again: it names the state machine to start.',
    });
  const client = new SFNClient({ maxAttempts: 6 });
  return async (name, reason) => {
    // The same name must have the same input: Step Functions compares them.
    const input = JSON.stringify(initialRunState(name, reason));
    try {
      await client.send(new StartExecutionCommand({ stateMachineArn, name, input }));
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === 'ExecutionAlreadyExists') return false;
      throw error;
    }
  };
}

/**
 * Names the run of a set of events: the same events have the same name, in any order and any number
 * of deliveries. A repeat therefore starts nothing while names are remembered (90 days), and
 * afterwards a run that finds nothing to do.
 */
export function runOfEvents(events: readonly ObjectEvent[]): { name: string; objects: number } {
  const lines = new Set(
    events.map(({ bucket, key, version }) => JSON.stringify([bucket, key, version])),
  );
  const digest = createHash('sha256')
    .update([...lines].toSorted().join('\n'))
    .digest('hex');
  const objects = new Set(events.map(({ bucket, key }) => `${bucket}/${key}`)).size;
  return { name: `event-${digest.slice(0, 40)}`, objects };
}

/** Names the sweep of a minute: a schedule may fire twice. */
export const runOfSweep = (time: string): string =>
  `sweep-${new Date(time).toISOString().slice(0, 16).replaceAll(/[-:]/g, '')}`;
