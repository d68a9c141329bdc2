import { expect, it } from 'vitest';
import { checkInput } from './shape/check-input.ts';
import { defineConfig } from './define.ts';

it('a configuration with every key is typed, and has no fault', () => {
  const config = defineConfig({
    lake: './lake',
    warehouse: 'pglite:./lake/_warehouse',
    timeZone: 'Australia/Sydney',
    fx: { rates: 'reference/fx/rates.csv', maxAgeDays: 7 },
    firstCustomerId: 1_000_000_001,
    limits: { maxQuarantinedShare: 1, maxInflation: 200 },
    sources: [
      {
        name: 'shop',
        match: 'shop/**',
        rows: 'purchases',
        format: { type: 'csv', encoding: 'latin1', delimiter: ',', decimal: '.', thousands: '' },
        timeZone: 'Europe/London',
        dateFormats: ['M/d/yyyy H:mm'],
        defaultCurrency: 'GBP',
        fields: {
          customer_id: 'CustomerID',
          purchase_id: null,
          amount: { product: ['Quantity', 'UnitPrice'] },
          full_name: { concat: ['Billing First', 'Billing Last'], separator: ' ' },
          email: { coalesce: ['Email', 'Billing Email'] },
          currency: { constant: 'GBP' },
          operation: { column: 'Status', deletes: ['cancelled', 'voided'] },
        },
      },
    ],
  });
  expect(checkInput(config)).toEqual({ input: config, faults: [] });
});
