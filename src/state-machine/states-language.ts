/**
 * The part of the Amazon States Language that the definition uses; `interpreter.ts` supports no
 * more.
 */
export type Retrier = { ErrorEquals: string[]; MaxAttempts?: number };
export type Catcher = { ErrorEquals: string[]; ResultPath?: string; Next: string };

type Paths = { InputPath?: string; ResultPath?: string | null; OutputPath?: string };
type Choice = { Variable: string; Next: string; StringEquals?: string; NumericLessThan?: number };

export type TaskState = Paths & {
  Type: 'Task';
  Resource: string;
  Parameters?: Record<string, unknown>;
  TimeoutSeconds?: number;
  Retry?: Retrier[];
  Catch?: Catcher[];
  Next: string;
};
export type State =
  | TaskState
  | { Type: 'Choice'; Choices: Choice[]; Default: string }
  | (Paths & { Type: 'Pass'; Next: string })
  | { Type: 'Fail'; ErrorPath: string; CausePath: string }
  | { Type: 'Succeed' };

export type StateMachineDefinition = {
  StartAt: string;
  TimeoutSeconds?: number;
  States: Record<string, State>;
};

/** The value at a reference path such as `$` or `$.error.Cause`; undefined if it is absent. */
export function valueAt(path: string, value: unknown): unknown {
  return namesOf(path).reduce<unknown>(
    (part, name) =>
      typeof part === 'object' && part !== null && Object.hasOwn(part, name)
        ? (part as Record<string, unknown>)[name]
        : undefined,
    value,
  );
}

/**
 * The value with the result at the path; a null path discards the result, an absent path replaces
 * the value with it.
 */
export function withResult(
  value: unknown,
  path: string | null | undefined,
  result: unknown,
): unknown {
  if (path === null) return value;
  const [name, ...below] = namesOf(path ?? '$');
  if (name === undefined) return result;
  const part = valueAt(`$.${name}`, value);
  const inner = withResult(part, ['$', ...below].join('.'), result);
  return { ...(typeof value === 'object' ? value : {}), [name]: inner };
}

function namesOf(path: string): string[] {
  if (!/^\$(?:\.\w+)*$/.test(path)) throw new Error(`the path ${path} is not supported`);
  return path.split('.').slice(1);
}

/**
 * Fills in the Parameters of a task: a key that ends in `.$` holds a path, or States.Format of one.
 */
export function filled(template: unknown, input: unknown): unknown {
  if (Array.isArray(template)) return template.map((part) => filled(part, input));
  if (typeof template !== 'object' || template === null) return template;
  const entries = Object.entries(template).map(([key, value]): [string, unknown] =>
    key.endsWith('.$')
      ? [key.slice(0, -2), evaluated(String(value), input)]
      : [key, filled(value, input)],
  );
  return Object.fromEntries(entries);
}

function evaluated(expression: string, input: unknown): unknown {
  const formatted = /^States\.Format\('\{\}', (\$[\w.]*)\)$/.exec(expression)?.[1];
  const value = valueAt(formatted ?? expression, input);
  if (value === undefined) throw new Error(`the input has nothing at ${expression}`);
  if (formatted === undefined) return value;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
