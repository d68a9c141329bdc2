import { liveAfter, withPositions } from '../run/next-state.ts';
import type { BronzeToSilverInput, Workspace } from '../ports/engine.ts';
import type { PersonSearch, FoundRow, Others } from '../ports/person-search.ts';
import type { LakeState } from '../ledger/records.ts';
import { decide, type Decided } from './decide.ts';
import type { WantedPeople } from './wanted.ts';

/** Rows found for the wanted people. `decide` can be called again with chosen rows. */
export type Search = { found: FoundRow[]; others: Others; decide(wanted: WantedPeople): Decided };

/**
 * Searches objects for the wanted people, and live silver for other customers with the same
 * addresses and purchases.
 */
export async function findRows(
  { workspace, personSearch }: { workspace: Workspace; personSearch: PersonSearch },
  task: BronzeToSilverInput,
  wanted: WantedPeople,
  ledger: LakeState,
): Promise<Search> {
  const { rows: found, others } = await personSearch.rows(workspace, task, wanted);
  const mentions = found.filter((row) => row.kind === 'unattributed');
  const emails = mentions.flatMap(({ mention }) => ('email' in mention ? [mention.email] : []));
  const purchases = mentions.flatMap(({ source, deletes }) =>
    deletes === undefined ? [] : [[source, deletes] as const],
  );
  const live = withPositions(liveAfter(ledger, [], [])).map(({ key, silver }) => ({
    object: key,
    file: silver,
  }));
  const inSilver = await personSearch.others(
    workspace,
    live,
    { emails, purchases },
    wanted.customer,
  );
  const all: Others = {
    emails: new Set([...others.emails, ...inSilver.emails]),
    purchases: new Set([...others.purchases, ...inSilver.purchases]),
  };
  return { found, others: all, decide: (people) => decide(task.objects, found, all, people) };
}
