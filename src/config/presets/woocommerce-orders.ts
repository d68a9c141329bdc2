import type { Preset } from './preset.ts';

/** Orders as WooCommerce's export extensions write them: each row has the total of its order. */
export const WOOCOMMERCE_ORDERS: Preset = {
  name: 'woocommerce-orders',
  signature: ['order_id', 'order_date', 'status', 'order_total', 'order_currency', 'billing_email'],
  follows: 'https://woocommerce.com/document/import-and-export-of-woocommerce-orders/',
  limits: [
    'A customer is identified by the e-mail address, since all guests share the customer_id 0.',
    'Partial refunds count only where the export has the column refunded_total; refunded orders do not count at all.',
    'Orders that wait for their payment (pending) do not count; those on hold and in processing do.',
    'Times are in the time zone of the shop: declare timeZone if it is not the business one.',
  ],
  source: {
    fields: {
      customer_key: { coalesce: ['customer_email', 'billing_email'] },
      first_name: 'billing_first_name',
      last_name: 'billing_last_name',
      email: { coalesce: ['customer_email', 'billing_email'] },
      purchase_id: 'order_id',
      purchase_date: 'order_date',
      amount: { sum: ['order_total'], minus: ['refunded_total'] },
      currency: 'order_currency',
      operation: {
        column: 'status',
        deletes: ['cancelled', 'failed', 'refunded', 'pending', 'checkout-draft', 'trash'].flatMap(
          (status) => [status, `wc-${status}`],
        ),
      },
    },
  },
};
