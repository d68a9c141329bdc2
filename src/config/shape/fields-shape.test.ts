import { describe, expect, it } from 'vitest';
import { checkInput } from './check-input.ts';
import { pathText } from './faults.ts';

const faultsOf = (value: unknown) =>
  checkInput(value).faults.map(({ path, message }) => `${pathText(path)}: ${message}`);
const ofSource = (entry: object) => faultsOf({ sources: [{ name: 'a', match: '**', ...entry }] });
const ofFields = (fields: object) => ofSource({ fields });

describe('a mapping', () => {
  it.each([
    [
      { customer: 'x' },
      'sources[0].fields.customer: is not a known key; did you mean "customer_id"?',
    ],
    [
      { customer_id: 'a', customer_key: 'b' },
      'sources[0].fields.customer_key: replaces customer_id',
    ],
    [
      { email: null },
      "sources[0].fields.email: must be a column's name or an object with a rule, not null",
    ],
    [{ email: ' ' }, 'sources[0].fields.email: must name a column'],
    [{ email: {} }, 'sources[0].fields.email: must have one of column, constant, coalesce, concat'],
    [{ email: { column: 'a', constant: 'b' } }, 'sources[0].fields.email: has column and constant'],
    [
      { email: { colunm: 'a' } },
      'sources[0].fields.email.colunm: is not a known key; did you mean "column"?',
    ],
    [
      { email: { product: ['a', 'b'] } },
      'sources[0].fields.email.product: is not supported for this field, which supports column, constant, coalesce, concat',
    ],
    [{ email: { concat: ['a', 5] } }, 'sources[0].fields.email.concat[1]: must be text, not 5'],
    [
      { email: { concat: ['a'], seperator: '' } },
      'sources[0].fields.email.seperator: is not a known key; did you mean "separator"?',
    ],
    [
      { email: { coalesce: [] } },
      'sources[0].fields.email.coalesce: must have at least 1 item, not 0',
    ],
    [{ email: { constant: ' ' } }, 'sources[0].fields.email.constant: must not be blank'],
    [
      { email: { constant: true } },
      'sources[0].fields.email.constant: must be text or a number, not true',
    ],
    [
      { purchase_id: { constant: 'x' } },
      'sources[0].fields.purchase_id.constant: is not supported for this field',
    ],
    [
      { updated_at: { constant: 1 } },
      'sources[0].fields.updated_at.constant: is not supported for this field',
    ],
    [
      { amount: { concat: ['a'] } },
      'sources[0].fields.amount.concat: is not supported for this field, which supports column, constant, product, sum, coalesce',
    ],
    [
      { amount: { product: ['a'] } },
      'sources[0].fields.amount.product: must hold exactly two factors',
    ],
    [
      { amount: { product: ['a', true] } },
      "sources[0].fields.amount.product[1]: must be a column's name or a number, not true",
    ],
    [
      { amount: { product: ['a', 1e12] } },
      'sources[0].fields.amount.product[1]: must be below 10^12',
    ],
    [
      { amount: { product: ['a', 0.0000001] } },
      'sources[0].fields.amount.product[1]: must be below 10^12 with at most 6',
    ],
    [
      { amount: { product: ['a', 12345678901.123457] } },
      'sources[0].fields.amount.product[1]: has more than 15 digits',
    ],
    [{ amount: { sum: [] } }, 'sources[0].fields.amount.sum: must have at least 1 item, not 0'],
    [{ amount: { sum: ['a', Number.NaN] } }, 'sources[0].fields.amount.sum[1]: must be'],
    [
      { amount: { sum: ['a'], minus: [5] } },
      'sources[0].fields.amount.minus[0]: must be text, not 5',
    ],
    [{ amount: { sum: ['a', 'b'], blank: 'nothing' } }, 'sources[0].fields.amount.blank: must be'],
    [
      { amount: { product: ['a', 'b'], blank: 'zero' } },
      'sources[0].fields.amount.blank: applies only to a sum: a product with a blank factor has no amount',
    ],
    [
      { amount: { coalesce: ['a', 'b'], blank: 'zero' } },
      'sources[0].fields.amount.blank: is not a known key',
    ],
    [{ amount: { minus: ['a'] } }, 'sources[0].fields.amount: must have one of'],
    [
      { amount: { constant: 'free' } },
      'sources[0].fields.amount.constant: must be an amount such as 10.50, not "free"',
    ],
    [{ amount: { constant: '1,5' } }, 'sources[0].fields.amount.constant: must be an amount'],
    [
      { currency: { constant: 'AUDD' } },
      'sources[0].fields.currency.constant: must be three letters',
    ],
    [
      { currency: { concat: ['a'] } },
      'sources[0].fields.currency.concat: is not supported for this field',
    ],
    [
      { customer_id: { constant: 2 ** 31 } },
      'sources[0].fields.customer_id.constant: must be a 32-bit integer',
    ],
    [
      { customer_id: { constant: 'x' } },
      'sources[0].fields.customer_id.constant: must be a 32-bit integer',
    ],
    [
      { operation: 'Status' },
      'sources[0].fields.operation: must be an object: { "column": "Status", "deletes": ["cancelled"] }',
    ],
    [{ operation: { column: 'Status' } }, 'sources[0].fields.operation.deletes: is missing'],
    [{ operation: { deletes: ['x'] } }, 'sources[0].fields.operation.column: is missing'],
    [
      { operation: { column: 'Status', deletes: [] } },
      'sources[0].fields.operation.deletes: must have at least 1 item, not 0',
    ],
    [
      { operation: { column: 'Status', deletes: [''] } },
      'sources[0].fields.operation.deletes[0]: must not be blank',
    ],
  ])('of %j is refused: %s', (fields, fault) => {
    const faults = ofFields(fields);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });

  it('may be all that the documentation shows', () => {
    const fields = {
      customer_id: 'CustomerID',
      purchase_id: null,
      amount: { product: ['Quantity', 'UnitPrice'] },
      full_name: { concat: ['Billing First', 'Billing Last'], separator: ' ' },
      email: { coalesce: ['Email', 'Billing Email'] },
      currency: { constant: 'GBP' },
      operation: { column: 'Status', deletes: ['cancelled', 'voided'] },
    };
    const format = { type: 'csv', encoding: 'latin1', delimiter: ',', decimal: '.', thousands: '' };
    expect(ofSource({ rows: 'purchases', format, dateFormats: ['M/d/yyyy H:mm'], fields })).toEqual(
      [],
    );
    expect(ofFields({ amount: { sum: ['Total', 0.5, -3], minus: ['Refunded Amount'] } })).toEqual(
      [],
    );
    expect(
      ofSource({
        format: { decimal: ',', thousands: '.' },
        fields: { amount: { constant: '1.234,5' } },
      }),
    ).toEqual([]);
    expect(ofFields({ amount: { constant: -1.5e3 }, customer_id: { constant: '007.0' } })).toEqual(
      [],
    );
  });
});
