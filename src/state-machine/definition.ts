import purchases from './purchases.asl.json' with { type: 'json' };
import type { StepName, Steps } from './run-state.ts';
import type { StateMachineDefinition } from './states-language.ts';

/** A fresh copy of the one definition: the JSON import widens its literal strings. */
export function readDefinition(): StateMachineDefinition {
  return JSON.parse(JSON.stringify(purchases));
}

/**
 * What a task's Parameters become for its service; `step` is read from the `${…}` that the
 * deployment fills.
 */
export type TaskCall =
  | { service: 'lambda'; step: StepName; payload: unknown }
  | { service: 'glue'; step: StepName; jobName: string };

const PLACEHOLDER = /^\$\{(\w+)(FunctionArn|JobName)\}$/;

/**
 * Reads the call that a task makes. Throws where it names no step: the definition is wrong, not the
 * run.
 */
export function readCall(parameters: unknown, steps: Steps, stateName: string): TaskCall {
  const { FunctionName, JobName, Payload } = Object(parameters);
  const target = String(FunctionName ?? JobName);
  const step = PLACEHOLDER.exec(target)?.[1] ?? '';
  if (!isStep(step, steps)) {
    throw new Error(`State ${stateName} calls "${target}", which is no step of this pipeline.`);
  }
  return FunctionName === undefined
    ? { service: 'glue', step, jobName: target }
    : { service: 'lambda', step, payload: Payload };
}

function isStep(name: string, steps: Steps): name is StepName {
  return Object.hasOwn(steps, name);
}

/** Tasks of a definition with their limits in milliseconds. */
export function taskLimits({ States }: StateMachineDefinition): Record<string, number> {
  const tasks = Object.entries(States).flatMap(([name, state]) =>
    state.Type === 'Task' ? [[name, (state.TimeoutSeconds ?? 60) * 1000] as const] : [],
  );
  return Object.fromEntries(tasks);
}
