import type { SourceInput } from '../shape/shape.ts';

/** A ready-made source for a file that a known program exports. */
export type Preset = {
  name: string;
  /** The columns that tell such a file, as they are written. */
  signature: readonly string[];
  /** Where the program's makers, or those who read its files, describe the columns. */
  follows: string;
  /** What the mapping cannot say of such files. */
  limits: readonly string[];
  /**
   * Columns that an export may lack are only in `coalesce`, `minus`, names, email and operation.
   */
  source: Omit<SourceInput, 'name' | 'match'> & { fields: NonNullable<SourceInput['fields']> };
};
