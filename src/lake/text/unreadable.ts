/**
 * Thrown inside this room where an object's bytes cannot be read; `scanObject` turns it into a
 * value, since one bad object is a row of the quarantine and never stops a run. The message says
 * what, where, and how to fix it.
 */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}
