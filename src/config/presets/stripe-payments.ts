import type { Preset } from './preset.ts';

/**
 * Payments as the Dashboard exports them: a row for each payment, what was paid back in a column of
 * its own.
 */
export const STRIPE_PAYMENTS: Preset = {
  name: 'stripe-payments',
  signature: ['id', 'Amount', 'Amount Refunded', 'Currency', 'Captured', 'Status'],
  follows: 'https://docs.stripe.com/reports (Payments > Export)',
  limits: [
    'A customer is known by Customer ID, else by Customer Email: who paid once as a guest and once signed in is two customers.',
    'What was paid back lowers the payment itself, on the day of the payment; a wholly refunded payment stays as 0.',
    'Amount is in the currency of the customer; fees are not taken off.',
    'Choose the columns of the signature in the dialogue of the export: some are not in its default.',
  ],
  source: {
    timeZone: 'UTC',
    fields: {
      customer_key: { coalesce: ['Customer ID', 'Customer Email'] },
      email: 'Customer Email',
      full_name: { coalesce: ['Customer Name', 'Card Name'] },
      purchase_id: 'id',
      purchase_date: { coalesce: ['Created date (UTC)', 'Created (UTC)'] },
      amount: { sum: ['Amount'], minus: ['Amount Refunded'] },
      currency: 'Currency',
      operation: {
        column: 'Status',
        deletes: ['failed', 'canceled', 'blocked', 'incomplete', 'uncaptured', 'requires_capture'],
      },
    },
  },
};
