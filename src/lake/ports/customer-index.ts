import type { Workspace } from './engine.ts';

/** Finds a customer's rows in gold and in silver files. One adapter per engine. */
export type CustomerIndex = {
  /** Returns the customer's row of each version of gold that has one. */
  customerIn(
    workspace: Workspace,
    customer: number,
    versions: { seq: number; files: string[] }[],
  ): Promise<{ seq: number; row: Record<string, string | null> }[]>;
  /**
   * Returns the candidates that have silver rows of the customer (by id, or by a key in the
   * registry's files), or of a purchase that such a row of a candidate or of a live file names.
   */
  objectsOf(
    workspace: Workspace,
    customer: number,
    among: { candidates: ObjectRows[]; live: string[]; keys: string[] },
  ): Promise<ObjectRows[]>;
};

/** An object's rows in one silver file. */
export type ObjectRows = { object: string; file: string };
