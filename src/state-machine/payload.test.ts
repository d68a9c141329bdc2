import { expect, test } from 'vitest';
import { PayloadTooLarge } from '../errors.ts';
import { invokeResult, lambdaError } from './payload.ts';
import { initialRunState } from './run-state.ts';

test('an output of 262,144 bytes passes and one more byte is refused, counting the envelope', () => {
  const empty = initialRunState('run-1', 'test');
  const room = 262_144 - Buffer.byteLength(JSON.stringify(invokeResult(empty, 'Plan')));
  const full = { ...empty, manifest: 'x'.repeat(room) };
  expect(invokeResult(full, 'Plan').Payload).toEqual(full);
  const over = { ...empty, manifest: 'x'.repeat(room + 1) };
  expect(() => invokeResult(over, 'Plan')).toThrow(PayloadTooLarge);
});

test('bytes are counted, not characters', () => {
  const state = { ...initialRunState('run-1', 'test'), manifest: '€'.repeat(90_000) };
  expect(() => invokeResult(state, 'Plan')).toThrow(/is 270\d\d\d bytes long/);
});

test('an error of any length stays a whole JSON text within the 32,768 characters of a Cause', () => {
  const { name, message } = lambdaError(new RangeError('\u0001'.repeat(100_000)));
  expect(name).toBe('RangeError');
  expect(message.length).toBeLessThan(32_768);
  expect(JSON.parse(message)).toMatchObject({ errorType: 'RangeError' });
});

test('a thrown value need not be an error', () => {
  expect(JSON.parse(lambdaError('out of order').message)).toMatchObject({
    errorMessage: 'out of order',
  });
});
