import type { CustomerFacts, CustomerQuestion } from '../customer/facts.ts';
import type { CustomerIndex } from '../ports/customer-index.ts';
import type { Diff } from '../ports/diff.ts';
import type { Engine, Workspace } from '../ports/engine.ts';
import type { PersonSearch } from '../ports/person-search.ts';
import type { Warehouse } from '../ports/warehouse.ts';
import type { RatesPlaces } from '../run/rates.ts';
import type { LakeSettings } from '../settings.ts';

/** What an erasure stands on. */
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
   * Brings silver and gold to what bronze says now, with a commit where anything changed. `remake`:
   * keys of objects to be read again even so.
   */
  upToCommit(remake?: readonly string[]): Promise<void>;
  newId(): string;
  /** 32 random bytes as hex. */
  newKey(): string;
  now(): Date;
};
