import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { setTimeout } from 'node:timers/promises';
import { readDefinition } from '../../src/state-machine/definition.ts';
import { lambdaError } from '../../src/state-machine/payload.ts';
import {
  asRunState,
  type RunState,
  type StepName,
  type Steps,
} from '../../src/state-machine/run-state.ts';
import { startRuntime } from '../rehearsal/runtime.ts';
import { startCloud } from '../servers/moto.ts';

/** Step Functions of moto, over functions and jobs that are steps in this process. */
export type MotoHost = AsyncDisposable & {
  run(steps: Steps, input: RunState): Promise<DescribeExecutionOutput>;
};

/**
 * The definition as it would be deployed, with minimal delays between retries, since timing is not
 * compared.
 */
const deployed = (): string =>
  JSON.stringify(readDefinition(), (key, value: unknown) =>
    key === 'IntervalSeconds' || key === 'MaxDelaySeconds' ? 1 : value,
  )
    .replaceAll(/\$\{(\w+)FunctionArn\}/g, 'arn:aws:lambda:ap-southeast-2:123456789012:function:$1')
    .replaceAll(/\$\{(\w+)JobName\}/g, '$1');

export async function startMotoHost(): Promise<MotoHost> {
  const runtime = await startRuntime();
  const cloud = await startCloud(runtime.url);
  const client = new SFNClient(cloud.client);
  const { stateMachineArn } = await client.send(
    new CreateStateMachineCommand({
      name: 'purchases',
      definition: deployed(),
      roleArn: 'arn:aws:iam::123456789012:role/rehearsal',
    }),
  );

  function serve(steps: Steps, input: RunState): void {
    const { signal } = new AbortController();
    runtime.invoke = async (name, event) => {
      try {
        const state = asRunState(JSON.parse(event), `The input of ${name}`);
        const output = await steps[name as StepName](state, { signal, stateName: name });
        return { body: JSON.stringify(output), failed: false };
      } catch (error) {
        return { body: lambdaError(error).message, failed: true };
      }
    };
    runtime.runJob = async (job, { '--run_id': run_id = '', '--manifest': manifest = '' }) => {
      const state = { ...input, run_id, manifest };
      await steps[job as StepName](state, { signal, stateName: `${job}Glue` });
    };
  }

  return {
    async run(steps, input) {
      serve(steps, input);
      const { executionArn } = await client.send(
        new StartExecutionCommand({
          stateMachineArn,
          name: input.run_id,
          input: JSON.stringify(input),
        }),
      );
      for (;;) {
        const execution = await client.send(new DescribeExecutionCommand({ executionArn }));
        if (execution.status !== 'RUNNING') return execution;
        await setTimeout(50);
      }
    },
    async [Symbol.asyncDispose]() {
      await cloud.stop();
      await runtime[Symbol.asyncDispose]();
    },
  };
}
