import type { LakeState } from '../ledger/records.ts';

/** Tables by which other tools (Athena) read the lake. One adapter a catalog. */
export type Catalog = {
  /** For messages: `Glue database purchases`. */
  readonly name: string;
  /** The commit that readers see, by its seq; null where nothing was ever published. */
  seq(): Promise<number | null>;
  /**
   * Makes readers see the ledger's newest commit; repeatable, and never backwards. Error:
   * `RemoteFailed`.
   */
  publish(ledger: LakeState): Promise<void>;
};
