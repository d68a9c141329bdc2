import { readDefinition } from '../../src/state-machine/definition.ts';
import type { RunState, StepContext, StepName, Steps } from '../../src/state-machine/run-state.ts';

/** The effect of a step's call: it changes fields of the state, or fails with a named error. */
export type Answer = Partial<RunState> | { fails: string };
/**
 * The results of each step, call by call; afterwards a step passes its state on, and Plan repeats
 * its last plan.
 */
export type Script = { plan: Partial<RunState>; answers: Partial<Record<StepName, Answer[]>> };

/** A call of a step: by which state, and with what input. A job receives its arguments alone. */
export type Call = { state: string; given: Partial<RunState> };

/** Every step that a state of the definition calls. */
const NAMES = [
  ...new Set(JSON.stringify(readDefinition()).match(/(?<=\$\{)\w+(?=(?:FunctionArn|JobName)\})/g)),
] as StepName[];

/** Steps that follow a script, and the calls that they received. */
export function scripted({ plan, answers }: Script): { steps: Steps; calls: Call[] } {
  const calls: Call[] = [];
  const steps = NAMES.map((name) => {
    const left = [...(answers[name] ?? [])];
    const step = async (state: RunState, { stateName }: StepContext): Promise<RunState> => {
      const { run_id, manifest } = state;
      calls.push({
        state: stateName,
        given: stateName.endsWith('Glue') ? { run_id, manifest } : state,
      });
      const answer = left.shift() ?? {};
      if ('fails' in answer)
        throw Object.assign(new Error(`${name} fails`), { name: answer.fails });
      if (name !== 'Plan') return { ...state, ...answer };
      const { again: _, ...kept } = state;
      return { ...kept, ...plan, ...answer, tries: state.tries + 1 };
    };
    return [name, step] as const;
  });
  return { steps: Object.fromEntries(steps) as Steps, calls };
}
