import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Sample } from '../../lake/bronze/sample.ts';
import { checkInput } from '../shape/check-input.ts';
import { readYaml } from '../file/yaml-reader.ts';
import { detectSource } from './detect.ts';
import type { Answers, Search } from './search.ts';
import { writeYaml } from './write-yaml.ts';

const NO_ANSWERS: Answers = { columns: {} };

/** A sample from lines of CSV without quotes. */
function sampleOf(...lines: string[]): Sample {
  const [header = [], ...rows] = lines.map((line) => line.split(','));
  return {
    format: { type: 'csv', delimiter: ',' },
    encoding: undefined,
    header,
    rows,
    total: rows.length,
    files: [rows.length],
  };
}

const detect = (lines: string[], answers: Partial<Answers> = {}): Search =>
  detectSource(sampleOf(...lines), { ...NO_ANSWERS, ...answers });
const flags = ({ questions }: Search): string[] => questions.map(({ flag }) => flag.trim());

describe('which column is which field', () => {
  test('a plain file is recognised whole', () => {
    const search = detect([
      'customer_id,first_name,last_name,email,purchase_id,purchase_date,amount,currency',
      '1,Ada,Moss,ada@example.com,P1,2025-01-31,10.50,AUD',
      '2,Ben,Hill,ben@example.com,P2,2025-02-01,7.00,NZD',
    ]);
    expect(search.questions).toEqual([]);
    expect(search.source).toMatchObject({
      format: { type: 'csv' },
      fields: {
        customer_id: 'customer_id',
        first_name: 'first_name',
        last_name: 'last_name',
        email: 'email',
        purchase_id: 'purchase_id',
        purchase_date: 'purchase_date',
        amount: 'amount',
        currency: 'currency',
      },
    });
    expect(search.source.rows).toBeUndefined();
    expect(search.notes.get('fields.customer_id')).toBe(
      'by its name; all of 2 sampled values are whole numbers',
    );
  });

  test('names in other languages, with accents or without, are recognised too', () => {
    const search = detect([
      'Kundennr;Bestell-Nr;Bestelldatum;Gesamtbetrag;Währung'.replaceAll(';', ','),
      '7,R-1,2025-01-31,10.50,EUR',
    ]);
    expect(search.questions).toEqual([]);
    expect(search.source.fields).toEqual({
      customer_id: 'Kundennr',
      purchase_id: 'Bestell-Nr',
      purchase_date: 'Bestelldatum',
      amount: 'Gesamtbetrag',
      currency: 'Währung',
    });
  });

  test('a column with only currency codes is the currency, independent of its name', () => {
    const { source, notes } = detect(['id,client,date,amount,x', '1,2,2025-01-31,10.50,EUR']);
    expect(source.fields.currency).toBe('x');
    expect(notes.get('fields.currency')).toBe('all of 1 sampled values are currency codes');
    const two = detect(['id,client,date,amount,x,y', '1,2,2025-01-31,10.50,EUR,AUD']);
    expect(flags(two)).toEqual(['--currency']);
  });

  test('milliseconds since 1970 are reported with a remedy', () => {
    const { questions } = detect(['id,client,created_at,amount', '1,2,1774828800000,3']);
    const [, asked] = questions;
    expect(asked?.asks).toContain('"created_at" counts seconds or milliseconds');
    expect(asked?.candidates).not.toContain('created_at');
  });

  test('numbers that repeat, with quantity and price, are lines of a purchase', () => {
    const search = detect(
      [
        'InvoiceNo,Qty,UnitPrice,Customer ID,Date',
        'A,2,1.50,7,2025-01-31',
        'A,1,3.00,7,2025-01-31',
      ],
      { currency: 'EUR' },
    );
    expect(search.questions).toEqual([]);
    expect(search.source).toMatchObject({
      rows: 'lines',
      fields: {
        purchase_id: 'InvoiceNo',
        amount: { product: ['Qty', 'UnitPrice'] },
        currency: { constant: 'EUR' },
      },
    });
  });

  test('repeated ids next to a total may be lines or versions, so the user is asked', () => {
    const lines = [
      'Order ID,Total,Customer ID,Date,Currency',
      'A,2.00,7,2025-01-31,AUD',
      'A,1.00,7,2025-01-31,AUD',
    ];
    expect(flags(detect(lines))).toEqual(['--rows']);
    expect(detect(lines, { rows: 'lines' })).toMatchObject({
      questions: [],
      source: { rows: 'lines' },
    });
    const withUpdates = lines.map((line, at) => `${line},${at === 0 ? 'Updated At' : at}`);
    expect(detect(withUpdates)).toMatchObject({
      questions: [],
      source: { fields: { updated_at: 'Updated At' } },
    });
  });

  test.each([
    [
      'text such as cus_1 is a key',
      ['Customer ID', 'cus_1', 'cus_2'],
      { customer_key: 'Customer ID' },
    ],
    [
      'one key that is text makes all of them keys',
      ['Customer ID', '1', 'x2'],
      { customer_key: 'Customer ID' },
    ],
    [
      'without a number the address is the key',
      ['E-Mail', 'a@b.com', 'c@d.com'],
      { customer_key: 'E-Mail', email: 'E-Mail' },
    ],
    [
      'an address is known by its form',
      ['Kontakt', 'a@b.com', 'c@d.com'],
      { customer_key: 'Kontakt' },
    ],
  ])('%s', (_, column, fields) => {
    const rest = ['date,amount,currency', '2025-01-31,1.00,AUD', '2025-02-01,2.50,AUD'];
    const search = detect(column.map((value, at) => `${value},${rest[at]}`));
    expect(search.questions).toEqual([]);
    expect(search.source.fields).toMatchObject(fields);
    expect(search.source.fields.purchase_id).toBeNull();
  });

  test('what nothing says is asked, all at once', () => {
    const search = detect(['a,b', 'x,y', 'z,w']);
    expect(flags(search)).toEqual([
      '--map customer_id=',
      '--map amount=',
      '--currency',
      '--map purchase_date=',
    ]);
  });

  test('words that end purchases are pointed out, never taken for a rule', () => {
    const search = detect([
      'customer_id,order_id,date,total,currency,Status',
      '1,A,2025-01-31,1.00,AUD,Paid',
      '1,B,2025-01-31,1.00,AUD,Refunded',
    ]);
    expect(search.source.fields.operation).toBeUndefined();
    expect(search.remarks.join('\n')).toContain(
      'operation: { column: "Status", deletes: ["Refunded"] }',
    );
  });

  test('an answer selects another column, and an unknown one gets a suggestion', () => {
    const lines = ['customer_id,total,net_amount,date,currency', '1,2.00,1.00,2025-01-31,AUD'];
    expect(detect(lines, { columns: { amount: 'Net Amount' } }).source.fields.amount).toBe(
      'net_amount',
    );
    expect(() => detect(lines, { columns: { amount: 'net_amont' } })).toThrow(
      'did you mean "net_amount"?',
    );
  });

  test('a file of a known mapping is mapped so, or something is asked', () => {
    const names = {
      customer_id: ['Customer ID', 'client_no', 'UserId'],
      purchase_id: ['Order No', 'invoice_id', 'TransactionID'],
      purchase_date: ['Order Date', 'created_at', 'Date'],
      amount: ['Total', 'order_total', 'Amount Paid'],
      currency: ['Currency', 'ccy'],
    };
    const formats = {
      'M/d/yyyy': (m: number, d: number) => `${m}/${d}/2024`,
      'd.M.yyyy': (m: number, d: number) => `${d}.${m}.2024`,
      'yyyy-MM-dd': (m: number, d: number) =>
        `2024-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`,
    };
    const mapping = fc.record({
      customer_id: fc.constantFrom(...names.customer_id),
      purchase_id: fc.constantFrom(...names.purchase_id),
      purchase_date: fc.constantFrom(...names.purchase_date),
      amount: fc.constantFrom(...names.amount),
      currency: fc.constantFrom(...names.currency),
    });
    const row = fc.tuple(
      fc.integer({ min: 1, max: 99_999 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 28 }),
      fc.integer({ min: 1, max: 9_999_999 }),
    );
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 });
    const format = fc.constantFrom(...(Object.keys(formats) as (keyof typeof formats)[]));
    fc.assert(
      fc.property(
        mapping,
        format,
        order,
        fc.array(row, { minLength: 1, maxLength: 8 }),
        (fields, written, places, rows) => {
          const arrange = (cells: string[]): string => places.map((place) => cells[place]).join();
          const { customer_id, purchase_id, purchase_date, amount, currency } = fields;
          const { source, questions } = detect([
            arrange([customer_id, purchase_id, purchase_date, amount, currency, 'Country']),
            ...rows.map(([id, m, d, cents], at) =>
              arrange([
                String(id),
                `N-${at}`,
                formats[written](m, d),
                (cents / 100).toFixed(2),
                'AUD',
                'Australia',
              ]),
            ),
          ]);
          expect(source.fields).toMatchObject(fields);
          // Dates that decide nothing are the one thing that may stay open.
          const decided =
            questions.length > 0
              ? questions.map(({ flag }) => flag)
              : (source.dateFormats ?? ['yyyy-MM-dd']);
          expect([['--date-format '], [written]]).toContainEqual(decided);
        },
      ),
    );
  });
});

describe('the configuration as YAML', () => {
  test('is read back as what was found, with any column names', () => {
    const odd = ['a: b # c', "it's", '"x","y"', '- z', 'null', '1', ' ü\u2028 '];
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...odd), fc.string({ minLength: 1 })), (name) => {
        fc.pre(name.trim() !== '');
        const search = detect(['customer_id,date,currency', '1,2025-01-31,AUD']);
        search.source.fields.amount = { product: [name, 2] };
        search.source.fields.full_name = name;
        search.remarks.push(`Not read: ${name}\nlake: elsewhere`);
        const source = { ...search.source, name: 'shop', match: 'shop/**' };
        const yaml = writeYaml({
          schema: './s.json',
          lake: './lake',
          timeZone: 'UTC',
          sources: [{ search, source }],
          files: [name],
        });
        const { value, faults } = readYaml(yaml);
        expect(faults).toEqual([]);
        expect(value).toEqual({ lake: './lake', timeZone: 'UTC', sources: [source] });
        expect(checkInput(value).faults).toEqual([]);
      }),
    );
  });
});
