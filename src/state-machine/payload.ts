import { PayloadTooLarge } from '../errors.ts';
import { asRunState, type Failure } from './run-state.ts';

/**
 * Bytes of UTF-8 that Step Functions carries as a state's input or output, the Lambda envelope
 * included.
 */
const LIMIT = 262_144;
/**
 * Step Functions cuts a Cause at 32,768 characters, half a JSON text; JSON may write one as six,
 * twice.
 */
const MESSAGE_LIMIT = 2500;
const TRACE_LINES = 16;

/**
 * The value as it arrives after a trip through JSON: a copy, dates as text, undefined gone. Throws
 * `PayloadTooLarge` over 262,144 bytes, and a TypeError for what JSON cannot hold (a bigint).
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
 * Lambda's answer as `lambda:invoke` hands it on, carried. Throws a TypeError where a step's answer
 * is no run state.
 */
export function invokeResult(output: unknown, stateName: string) {
  const what = `The output of ${stateName}`;
  const envelope = { ExecutedVersion: '$LATEST', StatusCode: 200, Payload: output };
  const { Payload } = Object(carry(envelope, what));
  return { ...envelope, Payload: asRunState(Payload, what) };
}

/**
 * An error as the state machine sees it: `name` is what Retry and Catch match, `message` the Cause.
 */
function stateError({ Error: name, Cause = '' }: Failure): Error {
  return Object.assign(new Error(Cause), { name });
}

/** What a handler threw, reported as the Lambda service reports it. */
export function lambdaError(thrown: unknown): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const cause = {
    errorType: error.name,
    errorMessage: error.message.slice(0, MESSAGE_LIMIT),
    trace: (error.stack ?? '').slice(0, MESSAGE_LIMIT).split('\n').slice(0, TRACE_LINES),
  };
  return stateError({ Error: error.name, Cause: JSON.stringify(cause) });
}

/** What a job threw, reported as `glue:startJobRun.sync` does: never by the error's own name. */
export function glueError(thrown: unknown, jobName: string): Error {
  const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
  const cause = {
    JobName: jobName,
    JobRunState: 'FAILED',
    ErrorMessage: `${name}: ${message}`.slice(0, MESSAGE_LIMIT),
  };
  return stateError({ Error: 'States.TaskFailed', Cause: JSON.stringify(cause) });
}

/** A task that ran past its TimeoutSeconds, whichever service ran it. */
export class TaskTimeout extends Error {
  override readonly name = 'States.Timeout';
}
