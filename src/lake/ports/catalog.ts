import type { LakeState } from '../ledger/records.ts';

/** Tables through which other tools (Athena) read the lake. One adapter per catalog. */
export type Catalog = {
  /** Display name for messages: `Glue database purchases`. */
  readonly name: string;
  /** Returns the seq of the commit that readers see; null before the first publication. */
  seq(): Promise<number | null>;
  /**
   * Shows the ledger's newest commit to readers. Repeatable; never goes back to an older commit.
   * Error: `RemoteFailed`.
   */
  publish(ledger: LakeState): Promise<void>;
};
