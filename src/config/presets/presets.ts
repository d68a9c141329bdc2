import { normaliseName } from '../../medallion/fields/column-names.ts';
import { PAYPAL_ACTIVITY } from './paypal-activity.ts';
import type { Preset } from './preset.ts';
import { SHOPIFY_ORDERS } from './shopify-orders.ts';
import { SQUARE_TRANSACTIONS } from './square-transactions.ts';
import { STRIPE_PAYMENTS } from './stripe-payments.ts';
import { WOOCOMMERCE_ORDERS } from './woocommerce-orders.ts';

export const PRESETS: readonly Preset[] = [
  SHOPIFY_ORDERS,
  STRIPE_PAYMENTS,
  WOOCOMMERCE_ORDERS,
  SQUARE_TRANSACTIONS,
  PAYPAL_ACTIVITY,
];

/** The preset whose signature columns are all in the header. */
export function presetOf(header: readonly string[]): Preset | undefined {
  const names = new Set(header.map(normaliseName));
  return PRESETS.find(({ signature }) => signature.every((name) => names.has(normaliseName(name))));
}
