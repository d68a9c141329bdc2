import type { Preset } from './preset.ts';

/** The activity download of a business account: a row for each movement, signed for the account. */
export const PAYPAL_ACTIVITY: Preset = {
  name: 'paypal-activity',
  signature: [
    'Date',
    'Time',
    'Type',
    'Status',
    'Currency',
    'Gross',
    'Fee',
    'Net',
    'From Email Address',
    'Transaction ID',
  ],
  follows:
    'https://developer.paypal.com/api/nvp-soap/paypal-payments-standard/admin/download-history/',
  limits: [
    'A customer is the sender of a payment. You are the sender of your own payments and refunds, and so become a customer too.',
    'A payment that PayPal marks as refunded or reversed does not count; a partial refund is not subtracted from its payer.',
    'Movements without a sender (withdrawals, holds, conversions) are rejected as customer_key_missing.',
    'Gross is what was paid, before fees. The day is that of the time zone in the file.',
  ],
  source: {
    fields: {
      customer_key: 'From Email Address',
      full_name: 'Name',
      email: 'From Email Address',
      purchase_id: 'Transaction ID',
      purchase_date: 'Date',
      amount: 'Gross',
      currency: 'Currency',
      operation: {
        column: 'Status',
        deletes: [
          'pending',
          'denied',
          'failed',
          'canceled',
          'cancelled',
          'expired',
          'refunded',
          'reversed',
          'removed',
          'returned',
          'unclaimed',
          'voided',
        ],
      },
    },
  },
};
