import type { SourceInput } from '../shape/shape.ts';

/** A ready-made source for the export of a known program. */
export type Preset = {
  name: string;
  /** The columns that identify such a file. */
  signature: readonly string[];
  /** The documentation of the columns. */
  follows: string;
  /** What the mapping cannot express. */
  limits: readonly string[];
  /** Optional columns occur only in `coalesce`, `minus`, names, email and operation. */
  source: Omit<SourceInput, 'name' | 'match'> & { fields: NonNullable<SourceInput['fields']> };
};
