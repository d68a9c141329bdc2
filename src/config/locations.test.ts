import { describe, expect, it } from 'vitest';
import { readLake, readRates, readWarehouse } from './locations.ts';

describe('a lake', () => {
  it.each([
    ['./lake', '/base/lake'],
    ['../lake/', '/lake'],
    ['/data/lake', '/data/lake'],
    ['s3://bucket/a/b/', 's3://bucket/a/b'],
    ['s3://bucket', 's3://bucket'],
    ['s3://bucket/', 's3://bucket'],
  ])('%s is %s', (text, place) => {
    expect(readLake(text, '/base')).toBe(place);
  });

  it.each([
    ['', 'must name a path'],
    ['gs://bucket/x', 'not gs://'],
    ['file:///x', 'not file://'],
    ['~/lake', 'must not start with ~'],
    ['s3://', 'must name a bucket'],
    ['s3://My_Bucket/x', 'must name a bucket'],
    ['s3://bucket//x', 'empty folder'],
  ])('%j is refused: %s', (text, message) => {
    expect(() => readLake(text, '/base')).toThrow(message);
  });
});

describe('a warehouse', () => {
  it.each([
    ['pglite:./w', { kind: 'pglite', folder: '/base/w' }],
    ['pglite:/w', { kind: 'pglite', folder: '/w' }],
    ['pglite://./w', { kind: 'pglite', folder: '/base/w' }],
    ['postgres://u:p@h:5432/d', { kind: 'postgres', url: 'postgres://u:p@h:5432/d' }],
    [
      'postgresql://h/d?sslmode=require',
      { kind: 'postgres', url: 'postgresql://h/d?sslmode=require' },
    ],
    ['postgres:///d?host=/run/pg', { kind: 'postgres', url: 'postgres:///d?host=/run/pg' }],
    ['mysql://u:p@h/d', { kind: 'mysql', url: 'mysql://u:p@h/d' }],
    ['mariadb://u:p@h/d', { kind: 'mysql', url: 'mysql://u:p@h/d' }],
  ])('%s is read', (text, place) => {
    expect(readWarehouse(text, '/base')).toEqual(place);
  });

  it.each([
    ['', 'must start with pglite:, postgres:// or mysql://'],
    ['./w', 'must start with'],
    ['postgers://u:secret@h/d', 'did you mean "postgres"'],
    ['pglite:', 'must name a path'],
    ['postgres://u:secret@h', 'scheme://user:password@host:port/database'],
    ['postgres://u:secret@h:99999/d', 'percent-encoded'],
    ['mysql://u:sec/ret@h/d', 'percent-encoded'],
  ])('%j is refused without quoting a password: %s', (text, message) => {
    expect(() => readWarehouse(text, '/base')).toThrow(message);
    expect(() => readWarehouse(text, '/base')).not.toThrow(/secret|sec\/ret/);
  });
});

describe('the exchange rates', () => {
  it.each([
    ['rates.csv', { kind: 'file', path: '/base/rates.csv' }],
    ['./reference/fx/x.csv', { kind: 'file', path: '/base/reference/fx/x.csv' }],
    ['reference/fx/x.csv', { kind: 'lake', key: 'reference/fx/x.csv' }],
    ['lake:rates/x.csv', { kind: 'lake', key: 'rates/x.csv' }],
    ['s3://bucket/rates/x.csv', { kind: 's3', uri: 's3://bucket/rates/x.csv' }],
  ])('%s are found', (text, place) => {
    expect(readRates(text, '/base')).toEqual(place);
  });

  it.each([
    ['', 'must name a path'],
    ['https://example.org/x.csv', 'fx import'],
    ['lake:', 'must name a key'],
    ['lake:/x', 'must name a key'],
    ['reference/../x', 'must name a key'],
    ['s3://bucket', 'must name an object'],
  ])('%j are refused: %s', (text, message) => {
    expect(() => readRates(text, '/base')).toThrow(message);
  });
});
