import { ExplanationUntrue } from '../../errors.ts';
import type { HistoryRow } from '../../medallion/gold/explain.ts';
import type { CustomerFacts, GoldRow, RefusedRow } from './facts.ts';
import { centsText, toAud, units } from './money.ts';
import type { LakeState } from '../ledger/records.ts';
import { versionOf, type Version, whySuperseded } from './version.ts';

/** A superseded version; `why` is the reason. */
export type SupersededVersion = Version & { fate: 'duplicate' | 'superseded'; why: string };

/** A purchase: its winning version, and the superseded versions, newest first. */
export type ExplainedPurchase = Version & {
  source: string;
  purchase_id: string;
  versions: SupersededVersion[];
};

export type PurchaseName = Pick<ExplainedPurchase, 'source' | 'purchase_id'>;

/**
 * All inputs of one customer's row of gold. Money is exact text; `moved` purchases now belong to
 * another customer.
 */
export type Explanation = {
  customer_id: number;
  customer_keys: string[];
  full_name: string | null;
  full_name_from: PurchaseName | null;
  email: string | null;
  email_from: PurchaseName | null;
  total_spent_aud: string;
  first_purchase_date: string | null;
  last_purchase_date: string | null;
  purchase_count: number;
  gold_seq: number;
  /** True where gold has a row for the customer: it has none where no purchase counts. */
  in_gold: boolean;
  purchases: ExplainedPurchase[];
  deleted: ExplainedPurchase[];
  moved: ExplainedPurchase[];
  refused: RefusedRow[];
};

/**
 * Explains one customer's row of gold: the purchases in order of date and arrival, and their sums.
 * Every sum is recomputed from its parts and must equal gold to the cent. Errors:
 * `ExplanationUntrue`.
 */
export function explanation(state: LakeState, facts: CustomerFacts, id: number): Explanation {
  const all = byPurchase(facts.history).map((rows) => purchase(state, rows));
  const counting = all
    .filter(({ won, details }) => won && details.customer_id === id)
    .toSorted(byDate);
  const nameSource = newest(counting, 'full_name');
  const emailSource = newest(counting, 'email');
  const dates = counting
    .filter(({ details }) => units(details.amount ?? '0', 4) >= 0n)
    .map(({ details }) => details.purchase_date ?? '');
  const explained: Explanation = {
    customer_id: id,
    customer_keys: facts.keys,
    full_name: nameSource?.row.full_name ?? null,
    full_name_from: nameOf(nameSource),
    email: emailSource?.row.email ?? null,
    email_from: nameOf(emailSource),
    total_spent_aud: centsText(
      counting.reduce((sum, { details }) => sum + units(details.amount_aud ?? '0', 2), 0n),
    ),
    first_purchase_date: dates[0] ?? null,
    last_purchase_date: dates.at(-1) ?? null,
    purchase_count: dates.length,
    gold_seq: state.seq,
    in_gold: facts.gold !== undefined,
    purchases: counting.map(({ details }) => details),
    deleted: all.filter(({ won }) => !won).map(({ details }) => details),
    moved: all
      .filter(({ won, details }) => won && details.customer_id !== id)
      .map(({ details }) => details),
    refused: facts.refused,
  };
  mustBeTrue(explained, facts.gold);
  return explained;
}

/** A purchase and its winner's row; `won` is false where the winner deletes the purchase. */
type CustomerPurchase = { details: ExplainedPurchase; row: HistoryRow; won: boolean };

/** Groups the versions by purchase, the winner first, as `history` orders them. */
export function byPurchase(history: readonly HistoryRow[]): HistoryRow[][] {
  const purchases = new Map<string, HistoryRow[]>();
  for (const row of history) {
    const name = JSON.stringify([row.source, row.purchase_id]);
    const versions = purchases.get(name);
    if (versions === undefined) purchases.set(name, [row]);
    else versions.push(row);
  }
  return [...purchases.values()];
}

function purchase(state: LakeState, rows: readonly HistoryRow[]): CustomerPurchase {
  const [row, ...superseded] = rows;
  if (row === undefined) throw new Error('a purchase has a version');
  const winner = versionOf(state, row);
  const details: ExplainedPurchase = {
    source: row.source ?? '',
    purchase_id: row.purchase_id ?? '',
    ...winner,
    versions: superseded.map((loser) => {
      const version = versionOf(state, loser);
      const fate = loser.fate === 'duplicate' ? 'duplicate' : 'superseded';
      return { ...version, fate, why: whySuperseded(winner, version) };
    }),
  };
  return { details, row, won: row.fate === 'accepted' };
}

const byDate = (a: CustomerPurchase, b: CustomerPurchase): number => {
  const [left, right] = [a.details.purchase_date ?? '', b.details.purchase_date ?? ''];
  if (left !== right) return left < right ? -1 : 1;
  return Number(BigInt(a.row.arrival ?? '0') - BigInt(b.row.arrival ?? '0'));
};

/**
 * Returns the newest purchase with the field; `counting` is in order of (purchase_date, arrival)
 * (SPEC section 7).
 */
const newest = (
  counting: readonly CustomerPurchase[],
  field: 'full_name' | 'email',
): CustomerPurchase | undefined => counting.findLast(({ row }) => row[field] !== null);

const nameOf = (explained: CustomerPurchase | undefined): PurchaseName | null =>
  explained === undefined
    ? null
    : { source: explained.details.source, purchase_id: explained.details.purchase_id };

function mustBeTrue(explained: Explanation, gold: GoldRow | undefined): void {
  const faults = explained.purchases.flatMap(({ purchase_id, amount, rate, amount_aud }) =>
    amount_aud === null || toAud(amount ?? '0', rate ?? '0') !== units(amount_aud, 2)
      ? [`purchase ${purchase_id} has ${amount} at ${rate} = ${amount_aud} AUD`]
      : [],
  );
  const expected = {
    full_name: explained.full_name,
    email: explained.email,
    total_spent_aud: explained.total_spent_aud,
    first_purchase_date: explained.first_purchase_date,
    last_purchase_date: explained.last_purchase_date,
    purchase_count: String(explained.purchase_count),
  };
  if (gold === undefined && explained.purchases.length > 0)
    faults.push('gold has no row for the customer');
  if (gold !== undefined && explained.purchases.length === 0)
    faults.push('gold has a row without purchases');
  for (const [field, value] of Object.entries(expected)) {
    const held = gold?.[field as keyof typeof expected];
    if (gold !== undefined && held !== value)
      faults.push(`${field} is ${value} by the purchases and ${held} in gold`);
  }
  if (faults.length > 0)
    throw new ExplanationUntrue(
      `The purchases of customer ${explained.customer_id} do not add up to gold of seq ${explained.gold_seq}: ${faults.join('; ')}.`,
      { hint: 'Compare the lake with a rebuild from bronze: purchases verify.' },
    );
}
