/** The largest customer_id: a signed 32-bit integer. */
export const LAST_ID = 2 ** 31 - 1;

type Place = { object: string; row: number };

/**
 * An integer that is both a row's own customer_id and the registry's integer of a customer key.
 * `keyed` is undefined where the key no longer has a row.
 */
export type Collision = {
  customer: number;
  numbers: number;
  real: Place;
  keyed: Place | undefined;
};

const placeText = ({ object, row }: Place): string => `${object} row ${row}`;

/**
 * The message about a collision, with Python's placeholders. The key itself is left out: it may be
 * an e-mail address.
 */
export const COLLISION_MESSAGE =
  'Two people would be customer {customer}: it is the customer_id of {real}, and the registry gave it to a customer key ({key}).';

/** The message about one collision. */
export function collisionMessage({ customer, numbers, real, keyed }: Collision): string {
  const values = {
    customer: String(customer),
    real: placeText(real),
    key: keyed === undefined ? 'no row has it now' : placeText(keyed),
  };
  const more = numbers > 1 ? ` ${numbers} numbers collide in this way.` : '';
  return filledIn(COLLISION_MESSAGE, values) + more;
}

const filledIn = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place);

export const COLLISION_HINT =
  'Give the key another number: purchases rebuild --renumber-keys colliding. Where more such ids will come, set `firstCustomerId` beyond them first, and use --renumber-keys all. Or correct the row, or map the column of its source as `customer_key` if it holds no integers of the shop.';

export const EXHAUSTED_MESSAGE = `{fresh} new customer keys need integers from {next} that no row has as its customer_id, but a customer_id ends at ${LAST_ID}.`;

export const exhaustedMessage = (newKeys: number, next: number): string =>
  filledIn(EXHAUSTED_MESSAGE, { newKeys: String(newKeys), next: String(next) });

export const EXHAUSTED_HINT =
  'Set a lower `firstCustomerId`, then give the keys new integers: purchases rebuild --renumber-keys all.';
