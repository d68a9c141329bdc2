/**
 * Thrown where an object's bytes cannot be read. `scanObject` converts it to a value, since an
 * unreadable object is quarantined and does not stop a run. The message describes what, where, and
 * how to fix it.
 */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}
