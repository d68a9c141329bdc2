import { describe, expect, it } from 'vitest';
import type { SourceInput } from './shape.ts';
import { toSource } from './to-source.ts';

const made = (entry: Partial<SourceInput>) =>
  toSource({ name: 'shop', match: 'shop/**', ...entry });
const column = (name: string) => ({ kind: 'column', column: name });

describe('a source', () => {
  it('maps every default field to the column of its own name', () => {
    expect(made({})).toEqual({
      name: 'shop',
      match: 'shop/**',
      rows: 'purchases',
      format: { decimal: '.', thousands: '' },
      dateFormats: [],
      fields: {
        customer_id: column('customer_id'),
        first_name: column('first_name'),
        last_name: column('last_name'),
        email: column('email'),
        purchase_id: column('purchase_id'),
        purchase_date: column('purchase_date'),
        amount: column('amount'),
        currency: column('currency'),
      },
      deletes: [],
    });
  });

  it('leaves purchase_id out where it is null', () => {
    expect(made({ fields: { purchase_id: null } }).fields).not.toHaveProperty('purchase_id');
  });

  it('takes a mapped customer_key in place of customer_id', () => {
    const { fields } = made({ fields: { customer_key: 'Email' } });
    expect(fields.customer_key).toEqual(column('Email'));
    expect(fields).not.toHaveProperty('customer_id');
  });

  it('writes every short form out', () => {
    const { fields } = made({
      fields: {
        customer_id: { column: 'CustomerID' },
        first_name: { constant: ' Ada ' },
        last_name: { concat: ['a', 'b'] },
        full_name: { concat: ['a', 'b'], separator: '-' },
        email: { coalesce: ['Email', 'Billing Email'] },
        amount: { product: ['Quantity', 0.01] },
        updated_at: 'Modified',
      },
    });
    expect(fields).toMatchObject({
      customer_id: column('CustomerID'),
      first_name: { kind: 'constant', value: 'Ada' },
      last_name: { kind: 'concat', columns: ['a', 'b'], separator: ' ' },
      full_name: { kind: 'concat', columns: ['a', 'b'], separator: '-' },
      email: { kind: 'coalesce', columns: ['Email', 'Billing Email'] },
      amount: { kind: 'product', factors: [{ column: 'Quantity' }, { number: '0.01' }] },
      updated_at: column('Modified'),
    });
    expect(
      made({ fields: { amount: { sum: ['Total', 5], minus: ['Refund'] } } }).fields.amount,
    ).toEqual({
      kind: 'sum',
      terms: [{ column: 'Total' }, { number: '5' }],
      minus: ['Refund'],
    });
    expect(made({ fields: { amount: { sum: ['Total'] } } }).fields.amount).toMatchObject({
      minus: [],
    });
    expect(made({ fields: { amount: { sum: ['a', 'b'], blank: 'zero' } } }).fields.amount).toEqual({
      kind: 'sum',
      terms: [{ column: 'a' }, { column: 'b' }],
      minus: [],
      blank: 'zero',
    });
  });

  it("writes numbers with the source's decimal mark", () => {
    const entry = {
      format: { decimal: ',' as const },
      fields: { amount: { product: ['n', 0.5] as [string, number] } },
    };
    expect(made(entry).fields.amount).toMatchObject({
      factors: [{ column: 'n' }, { number: '0,5' }],
    });
  });

  it('lower-cases the values that delete, and keeps one of each', () => {
    const source = made({
      fields: {
        operation: { column: 'Status', deletes: ['Cancelled', 'VOIDED ', 'voided', 1, true, 'İ'] },
      },
    });
    expect(source.fields.operation).toEqual(column('Status'));
    expect(source.deletes).toEqual(['cancelled', 'voided', '1', 'true', 'İ']);
  });

  it('keeps what it declares of format, zone, dates and currency', () => {
    const format = {
      type: 'csv',
      encoding: 'latin1',
      delimiter: ';',
      decimal: ',',
      thousands: '.',
    } as const;
    const entry = {
      rows: 'lines' as const,
      format,
      timeZone: 'Europe/London',
      dateFormats: ['d/M/yyyy'],
    };
    expect(made({ ...entry, defaultCurrency: 'gbp' })).toMatchObject({
      ...entry,
      defaultCurrency: 'GBP',
    });
  });
});
