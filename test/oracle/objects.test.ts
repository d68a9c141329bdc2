import { describe, expect, test } from 'vitest';
import { csv, handOracle, type HandSource, type HandObject } from './hand-lake.ts';

function reportOf(key: string, content: HandObject, source: HandSource = {}) {
  const out = handOracle({ objects: { [key]: content }, source });
  const { status, reason, rows } = out.objects.get(key) ?? {};
  return { status, reason, read: rows?.read, accepted: rows?.accepted, out };
}

const ROW = '1,p,2026-01-31,10,AUD';

describe('objects', () => {
  test('other extensions are only reported, and a key that no source matches is quarantined', () => {
    const source: HandSource = { match: 'shop/**' };
    expect(reportOf('shop/a.pdf', 'x', source)).toMatchObject({ status: 'ignored' });
    expect(reportOf('till/a.csv', csv(ROW), source)).toMatchObject({
      status: 'quarantined',
      reason: 'no_source',
    });
    expect(reportOf('shop/2026/a.csv', csv(ROW), source)).toMatchObject({ accepted: 1 });
    expect(reportOf('shop/2026/a.csv', csv(ROW), { match: 'shop/*' })).toMatchObject({
      reason: 'no_source',
    });
    expect(reportOf('a.csv', csv(ROW), { match: '**/*.csv' })).toMatchObject({ accepted: 1 });
  });

  test('the first source that matches is used', () => {
    const sources = [
      { name: 'a', match: 'x/*.csv' },
      { name: 'b', match: '**' },
    ];
    const out = handOracle({ objects: { 'x/a.csv': csv(ROW), 'y/a.csv': csv(ROW) }, sources });
    expect(out.versions.map((one) => one.source)).toEqual(['a', 'b']);
  });

  test('a declared type takes precedence over the extension', () => {
    const json =
      '{"customer_id":1,"purchase_id":"p","purchase_date":"2026-01-31","amount":1,"currency":"AUD"}';
    expect(
      reportOf('a.txt', json, { format: { decimal: '.', thousands: '', type: 'json' } }),
    ).toMatchObject({ accepted: 1 });
  });

  test('header names match after trimming, lower-casing and joining blanks and hyphens', () => {
    const text = csv(ROW)
      .replace('customer_id', '\u00a0Customer - ID ')
      .replace('purchase_date', 'PURCHASE-DATE');
    expect(reportOf('a.csv', text)).toMatchObject({ accepted: 1 });
  });

  test('a missing required column or a duplicate mapped one is a schema mismatch', () => {
    for (const name of ['customer_id', 'purchase_id', 'purchase_date', 'amount', 'currency']) {
      expect(reportOf('a.csv', csv(ROW).replace(name, 'other'))).toMatchObject({
        reason: 'schema_mismatch',
        read: 0,
      });
    }
    const twice = csv(`${ROW},a@b.c,d@e.f`).replace('currency', 'currency,email,Email');
    expect(reportOf('a.csv', twice)).toMatchObject({ reason: 'schema_mismatch' });
    expect(reportOf('a.csv', twice.replaceAll(/email/gi, 'note'))).toMatchObject({ accepted: 1 });
    expect(reportOf('a.csv', csv(ROW), { fields: { updated_at: 'at' } })).toMatchObject({
      reason: 'schema_mismatch',
    });
    expect(reportOf('a.csv', csv(ROW), { fields: { operation: 'op' } })).toMatchObject({
      reason: 'schema_mismatch',
    });
    expect(
      reportOf('a.csv', csv(ROW), { fields: { email: 'mail', full_name: 'name' } }),
    ).toMatchObject({ accepted: 1 });
  });

  test('one column of a coalesce is enough', () => {
    const source: HandSource = {
      fields: { amount: { kind: 'coalesce', columns: ['total', 'amount'] } },
    };
    expect(reportOf('a.csv', csv(ROW), source)).toMatchObject({ accepted: 1 });
  });

  test('an empty object or a lone header is accepted', () => {
    expect(reportOf('a.csv', '')).toMatchObject({ status: 'read', read: 0 });
    expect(reportOf('a.csv', ' \n\n')).toMatchObject({ status: 'read', read: 0 });
    expect(reportOf('a.csv', csv())).toMatchObject({ status: 'read', read: 0 });
    expect(reportOf('a.csv', csv().replace('amount', 'x'))).toMatchObject({
      reason: 'schema_mismatch',
    });
  });

  test('an object in which more than the allowed share is rejected is quarantined whole', () => {
    const objects = { 'a.csv': csv(ROW, '2,q,2026-01-31,x,AUD') };
    expect(handOracle({ objects, maxQuarantinedShare: 0.5 }).objects.get('a.csv')?.status).toBe(
      'read',
    );
    const out = handOracle({ objects, maxQuarantinedShare: 0.4 });
    expect(out.quarantine.map((row) => row.reasons)).toEqual([
      ['too_many_refused'],
      ['amount_invalid', 'too_many_refused'],
    ]);
    expect(out.objects.get('a.csv')).toMatchObject({
      status: 'quarantined',
      reason: 'too_many_refused',
      rows: { read: 2, quarantined: 2, accepted: 0 },
      reasons: { too_many_refused: 2, amount_invalid: 1 },
    });
    expect(out.versions).toEqual([]);
  });
});
