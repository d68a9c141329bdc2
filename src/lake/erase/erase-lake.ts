import type { CustomerFacts, CustomerQuestion } from '../customer/facts.ts';
import type { CustomerIndex } from '../ports/customer-index.ts';
import type { Diff } from '../ports/diff.ts';
import type { Engine, Workspace } from '../ports/engine.ts';
import type { PersonSearch } from '../ports/person-search.ts';
import type { Warehouse } from '../ports/warehouse.ts';
import type { RatesPlaces } from '../run/rates.ts';
import type { LakeSettings } from '../settings.ts';

/** Dependencies of an erasure. */
export type EraseLake = {
  workspace: Workspace;
  engine: Engine;
  personSearch: PersonSearch;
  customerIndex: CustomerIndex;
  diff: Diff;
  settings: LakeSettings;
  rates: RatesPlaces;
  warehouse(): Promise<Warehouse>;
  facts(question: CustomerQuestion): Promise<CustomerFacts>;
  /**
   * Updates silver and gold from bronze, with a commit where anything changed. `remake`: keys of
   * unchanged objects to read again.
   */
  upToCommit(remake?: readonly string[]): Promise<void>;
  newId(): string;
  /** Returns 32 random bytes as hex. */
  newKey(): string;
  now(): Date;
};
