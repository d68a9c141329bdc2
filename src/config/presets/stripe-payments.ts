import type { Preset } from './preset.ts';

/** Payments as the Dashboard exports them: a row for each payment, with a column for refunds. */
export const STRIPE_PAYMENTS: Preset = {
  name: 'stripe-payments',
  signature: ['id', 'Amount', 'Amount Refunded', 'Currency', 'Captured', 'Status'],
  follows: 'https://docs.stripe.com/reports (Payments > Export)',
  limits: [
    'A customer is identified by Customer ID, otherwise by Customer Email: a person who paid as a guest and signed in counts as two customers.',
    'A refund lowers the payment itself, on the day of the payment; a fully refunded payment stays as 0.',
    'Amount is in the currency of the customer; fees are not subtracted.',
    'Select the columns of the signature when you export: some are not selected by default.',
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
