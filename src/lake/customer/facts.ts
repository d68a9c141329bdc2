import type { HistoryRow } from '../../medallion/gold/explain.ts';
import { liveAfter, withPositions } from '../run/next-state.ts';
import type { LiveObject } from '../ports/engine.ts';
import type { DataFile, KeysRecord, LakeState } from '../ledger/records.ts';

/**
 * The name of a customer: the integer, a customer key, or a text that is a key or e-mail address.
 */
export type CustomerName =
  | { kind: 'id'; id: number }
  | { kind: 'key'; key: string }
  | { kind: 'text'; text: string };

/** An engine's input for one customer's facts: the live files of one commit. */
export type CustomerQuestion = {
  customer: CustomerName;
  live: LiveObject[];
  quarantine: { key: string; file: string }[];
  keys: Pick<KeysRecord, 'files' | 'former'>;
  gold: DataFile[];
};

/** A row of gold as text. */
export type GoldRow = {
  customer_id: string;
  full_name: string | null;
  email: string | null;
  total_spent_aud: string;
  first_purchase_date: string | null;
  last_purchase_date: string | null;
  purchase_count: string;
};

/** A rejected row as it was read, with every reason. */
export type RefusedRow = {
  object_key: string;
  row_number: number;
  reasons: string[];
  raw: string | null;
  purchase_id: string | null;
};

/**
 * The data of one customer. `ids`: the integers that match the name; an e-mail address may match
 * several.
 */
export type CustomerFacts = {
  ids: number[];
  keys: string[];
  /** Integers that the keys had before the registry was renumbered. */
  previousIds: number[];
  history: HistoryRow[];
  gold: GoldRow | undefined;
  refused: RefusedRow[];
};

/** Builds the question for the newest commit. */
export function customerQuestion(state: LakeState, customer: CustomerName): CustomerQuestion {
  const live = liveAfter(state, [], []);
  return {
    customer,
    live: withPositions(live),
    quarantine: live.flatMap(({ key, quarantine }) =>
      quarantine === null ? [] : [{ key, file: quarantine }],
    ),
    keys: state.keys,
    gold: state.gold?.files ?? [],
  };
}
