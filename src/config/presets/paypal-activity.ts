import type { Preset } from './preset.ts';

/**
 * The activity download of a business account: a row for each movement of money, signed as the
 * account sees it.
 */
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
    'A customer is the sender of a payment. Your own payments and refunds have you as the sender: one customer of the result is yourself.',
    'A payment that PayPal marks as refunded or reversed does not count; a partial refund is not taken off its payer.',
    'Movements without a sender (withdrawals, holds, conversions) are refused as customer_key_missing.',
    'Gross is what was paid, fees not taken off. The day is that of the time zone in the file.',
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
