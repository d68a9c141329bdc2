import { CustomerUnknown } from '../../errors.ts';
import type { CustomerFacts, CustomerName, RefusedRow } from './facts.ts';
import type { LakeState } from '../ledger/records.ts';

const LAST_ID = 2n ** 31n - 1n;
const SHOWN = 5;

/**
 * A whole number in signed 32 bits is a customer_id; any other text is a customer key, or else an
 * e-mail address. Both are stored with ASCII letters lower-cased.
 */
export function customerName(text: string): CustomerName {
  const trimmed = text.trim();
  if (/^-?\d{1,10}$/.test(trimmed)) {
    const id = BigInt(trimmed);
    if (id >= -LAST_ID - 1n && id <= LAST_ID) return { kind: 'id', id: Number(id) };
  }
  return { kind: 'text', text: lowered(trimmed) };
}

export const customerKey = (key: string): CustomerName => ({
  kind: 'key',
  key: lowered(key.trim()),
});

const lowered = (text: string): string =>
  text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());

/**
 * Returns the id of the one customer in the facts. Errors: `CustomerUnknown`, which lists rejected
 * rows that name the customer.
 */
export function oneCustomer(
  state: LakeState,
  customer: CustomerName,
  facts: CustomerFacts,
): number {
  const [id, ...more] = facts.ids;
  if (more.length > 0)
    throw new CustomerUnknown(
      `${customerText(customer)} is the address of customers ${facts.ids.join(', ')}.`,
      {
        hint: `Ask for one of them: purchases explain ${id}.`,
      },
    );
  if (id !== undefined && facts.history.length > 0) return id;
  const what = `${customerText(customer)} has no purchase in this lake as of seq ${state.seq}`;
  if (facts.refused.length > 0)
    throw new CustomerUnknown(`${what}, but ${refusedText(facts.refused)}.`, {
      hint: 'See why, and what to do: purchases quarantine.',
    });
  throw new CustomerUnknown(`${what}, and no rejected row names it.`, {
    hint:
      state.seq === 0
        ? 'Nothing has been read yet: purchases run.'
        : 'List the customers: purchases query "select customer_id, full_name, email from gold". New files since the last run: purchases plan.',
  });
}

function customerText(customer: CustomerName): string {
  if (customer.kind === 'id') return `Customer ${customer.id}`;
  return customer.kind === 'key' ? `Customer key "${customer.key}"` : `"${customer.text}"`;
}

function refusedText(refused: readonly RefusedRow[]): string {
  const rows = refused
    .slice(0, SHOWN)
    .map(
      ({ object_key, row_number, reasons }) =>
        `${object_key} row ${row_number} (${reasons.join(', ')})`,
    );
  const more = refused.length > SHOWN ? ` and ${refused.length - SHOWN} more` : '';
  const verb = refused.length === 1 ? 'rejected row names' : 'rejected rows name';
  return `${refused.length} ${verb} it: ${rows.join('; ')}${more}`;
}
