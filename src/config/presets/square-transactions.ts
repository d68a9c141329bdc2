import type { Preset } from './preset.ts';

/** Transactions as the Dashboard exports them: a row for each payment and each refund. */
export const SQUARE_TRANSACTIONS: Preset = {
  name: 'square-transactions',
  signature: [
    'Date',
    'Time',
    'Gross Sales',
    'Net Sales',
    'Total Collected',
    'Transaction ID',
    'Payment ID',
    'Event Type',
  ],
  follows:
    'https://squareup.com/help/us/en/article/5072-summaries-and-reports-from-the-online-square-dashboard',
  limits: [
    "Square writes amounts with a currency sign ($12.00), which is rejected as amount_invalid. Remove the signs first: sed 's/[$€£]//g'",
    'The file does not name its currency: give --currency.',
    'Sales without a customer are rejected as customer_key_missing.',
    'Total Collected includes taxes and tips. A refund is a separate row, on its own day, and lowers the total.',
  ],
  source: {
    format: { thousands: ',' },
    fields: {
      customer_key: 'Customer ID',
      full_name: 'Customer Name',
      purchase_id: {
        concat: ['Transaction ID', 'Payment ID', 'Event Type', 'Date', 'Time'],
        separator: '/',
      },
      purchase_date: 'Date',
      amount: 'Total Collected',
    },
  },
};
