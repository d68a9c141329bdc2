import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { keepThreadPoolAwake } from './thread-pool.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a task is submitted every second, up to the end', () => {
  let submitted = 0;
  {
    using _awake = keepThreadPoolAwake(() => void (submitted += 1));
    vi.advanceTimersByTime(3_500);
    expect(submitted).toBe(3);
  }
  vi.advanceTimersByTime(10_000);
  expect(submitted).toBe(3);
});
