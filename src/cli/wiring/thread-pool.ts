import { access } from 'node:fs';

const EVERY_MS = 1_000;

/**
 * Gives Node's thread pool a task every second until it is disposed. The C library of most Linux
 * systems can lose the signal that wakes a thread (glibc bug 25847, fixed in glibc 2.41): all
 * threads of the pool then sleep while a task is in their queue, and the command waits for it
 * without end. The next task wakes them. Seen once in 2,600 runs on two busy processors.
 */
export function keepThreadPoolAwake(
  submit: () => void = () => access('.', () => undefined),
): Disposable {
  const timer = setInterval(submit, EVERY_MS).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
