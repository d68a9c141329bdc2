import purchases from './purchases.asl.json' with { type: 'json' };
import type { StepName, Steps } from './run-state.ts';
import type { StateMachineDefinition } from './states-language.ts';

/** Returns a new copy of the definition: the JSON import widens its literal strings. */
export function readDefinition(): StateMachineDefinition {
  return JSON.parse(JSON.stringify(purchases));
}

/**
 * The call that a task's Parameters describe; `step` is read from the `${…}` that the deployment
 * fills.
 */
export type TaskCall =
  | { service: 'lambda'; step: StepName; payload: unknown }
  | { service: 'glue'; step: StepName; jobName: string };

const PLACEHOLDER = /^\$\{(\w+)(FunctionArn|JobName)\}$/;

/**
 * Reads the call of a task. Throws if it names no step: then the definition is wrong, not the run.
 */
export function readCall(parameters: unknown, steps: Steps, stateName: string): TaskCall {
  const { FunctionName, JobName, Payload } = Object(parameters);
  const target = String(FunctionName ?? JobName);
  const step = PLACEHOLDER.exec(target)?.[1] ?? '';
  if (!isStep(step, steps)) {
    throw new Error(`State ${stateName} calls "${target}", which is not a step of this pipeline.`);
  }
  return FunctionName === undefined
    ? { service: 'glue', step, jobName: target }
    : { service: 'lambda', step, payload: Payload };
}

function isStep(name: string, steps: Steps): name is StepName {
  return Object.hasOwn(steps, name);
}

/** Returns the time limits of a definition's tasks, in milliseconds. */
export function taskLimits({ States }: StateMachineDefinition): Record<string, number> {
  const tasks = Object.entries(States).flatMap(([name, state]) =>
    state.Type === 'Task' ? [[name, (state.TimeoutSeconds ?? 60) * 1000] as const] : [],
  );
  return Object.fromEntries(tasks);
}
