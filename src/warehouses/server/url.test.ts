import { describe, expect, test } from 'vitest';
import { ConfigInvalid } from '../../errors.ts';
import { readServerUrl } from './url.ts';

describe('the URL of a server', () => {
  test.each([
    ['postgres://me@db.example.com/d', 'verified'],
    ['postgres://me@10.0.0.1/d', 'verified'],
    ['postgres://me@db.example.com/d?sslmode=require', 'unverified'],
    ['postgres://me@db.example.com/d?sslmode=disable', 'none'],
    ['postgres://me@localhost/d', 'none'],
    ['postgres://me@127.0.0.1/d', 'none'],
    ['postgres://me@[::1]/d', 'none'],
    ['postgres://me@localhost/d?sslmode=verify-full', 'verified'],
    ['postgres://me@localhost.example.com/d', 'verified'],
    ['mysql://me@db.example.com/d?socketPath=/run/mysqld.sock', 'none'],
  ])(
    'is encrypted and verified by default, except on this machine: %s is %s',
    (url, encryption) => {
      expect(readServerUrl(url, 1).encryption).toBe(encryption);
    },
  );

  test('names the source of its password', () => {
    const arn = 'arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:rds!db-1-AbCdEf';
    expect(readServerUrl(`mysql://h/d?passwordFrom=secretsmanager:${arn}`, 1)).toMatchObject({
      passwordFrom: { kind: 'secretsmanager', id: arn },
      user: undefined,
    });
    expect(readServerUrl('postgres://me@h/d?passwordFrom=rds-iam', 1)).toMatchObject({
      passwordFrom: { kind: 'rds-iam', user: 'me' },
    });
  });

  test.each([
    ['me:s3cr3t@h/d?passwordFrom=rds-iam', 'and a password too'],
    ['me@h/d?passwordFrom=s3cr3t', 'unknown'],
    ['h/d?passwordFrom=rds-iam', 'no user'],
    ['me@localhost/d?passwordFrom=rds-iam', 'not encrypted'],
    ['me:s3cr3t@h/d?sslmode=prefer', 'sslmode=prefer'],
    ['me:s3cr3t@h/d?ssl=true', 'a parameter ssl'],
  ])('that is invalid is refused without its password: %s', (rest, why) => {
    const read = (): unknown => readServerUrl(`postgres://${rest}`, 1);
    expect(read).toThrow(ConfigInvalid);
    expect(read).toThrow(why);
    expect(read).not.toThrow(/s3cr3t/);
  });
});
