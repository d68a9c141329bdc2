import { PayloadTooLarge } from '../errors.ts';
import { asRunState, type Failure } from './run-state.ts';

/**
 * Bytes of UTF-8 that Step Functions carries as a state's input or output, the Lambda envelope
 * included.
 */
const LIMIT = 262_144;
/**
 * Step Functions cuts a Cause at 32,768 characters, within the JSON text; JSON may escape a
 * character as six, twice.
 */
const MESSAGE_LIMIT = 2500;
const TRACE_LINES = 16;

/**
 * The value after a round trip through JSON: a copy, dates as text, undefined removed. Throws
 * `PayloadTooLarge` over 262,144 bytes, and a TypeError for values that JSON cannot hold (a
 * bigint).
 */
export function carry(value: unknown, what: string): unknown {
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text ?? '');
  if (bytes > LIMIT) {
    throw new PayloadTooLarge(`${what} is ${bytes} bytes long; a state carries ${LIMIT}.`, {
      hint: 'Keep lists in the store and pass the key of their manifest.',
    });
  }
  return text === undefined ? undefined : JSON.parse(text);
}

/**
 * A Lambda's result in the shape that `lambda:invoke` passes on. Throws a TypeError if a step's
 * result is not a run state.
 */
export function invokeResult(output: unknown, stateName: string) {
  const what = `The output of ${stateName}`;
  const envelope = { ExecutedVersion: '$LATEST', StatusCode: 200, Payload: output };
  const { Payload } = Object(carry(envelope, what));
  return { ...envelope, Payload: asRunState(Payload, what) };
}

/** An error for the state machine: Retry and Catch match `name`, `message` is the Cause. */
function stateError({ Error: name, Cause = '' }: Failure): Error {
  return Object.assign(new Error(Cause), { name });
}

/** The error of a handler, as the Lambda service reports it. */
export function lambdaError(thrown: unknown): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const cause = {
    errorType: error.name,
    errorMessage: error.message.slice(0, MESSAGE_LIMIT),
    trace: (error.stack ?? '').slice(0, MESSAGE_LIMIT).split('\n').slice(0, TRACE_LINES),
  };
  return stateError({ Error: error.name, Cause: JSON.stringify(cause) });
}

/** The error of a job, as `glue:startJobRun.sync` reports it: never by the error's own name. */
export function glueError(thrown: unknown, jobName: string): Error {
  const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
  const cause = {
    JobName: jobName,
    JobRunState: 'FAILED',
    ErrorMessage: `${name}: ${message}`.slice(0, MESSAGE_LIMIT),
  };
  return stateError({ Error: 'States.TaskFailed', Cause: JSON.stringify(cause) });
}

/** A task that exceeded its TimeoutSeconds, in either service. */
export class TaskTimeout extends Error {
  override readonly name = 'States.Timeout';
}
