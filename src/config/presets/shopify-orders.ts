import type { Preset } from './preset.ts';

/**
 * Orders as the admin exports them: a row for each item, with the totals on an order's first row.
 */
export const SHOPIFY_ORDERS: Preset = {
  name: 'shopify-orders',
  signature: ['Name', 'Email', 'Financial Status', 'Created at', 'Total', 'Lineitem name'],
  follows: 'https://help.shopify.com/en/manual/fulfillment/managing-orders/exporting-orders',
  limits: [
    'A customer is identified by the e-mail address: orders without one (often from a point of sale) are rejected as customer_key_missing.',
    'Unpaid orders (Financial Status pending) count. A voided order, whose payment was never taken, does not.',
    'A refund lowers the order itself, on the day of the order; a fully refunded order stays as 0.',
    'Name is the order number within one shop: two shops need two sources and different prefixes.',
  ],
  source: {
    rows: 'lines',
    fields: {
      customer_key: 'Email',
      full_name: { coalesce: ['Billing Name', 'Shipping Name'] },
      email: 'Email',
      purchase_id: 'Name',
      purchase_date: 'Created at',
      amount: { sum: ['Total'], minus: ['Refunded Amount'] },
      currency: 'Currency',
      operation: { column: 'Financial Status', deletes: ['voided'] },
    },
  },
};
