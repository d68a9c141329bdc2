import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { RemoteRefused } from '../../src/errors.ts';
import type { Warehouse } from '../../src/lake/ports/warehouse.ts';
import { openMysql } from '../../src/warehouses/mysql/warehouse.ts';
import { openPostgres } from '../../src/warehouses/postgres/warehouse.ts';
import { rdsToken } from '../../src/warehouses/server/rds-token.ts';
import { startMariadb } from '../servers/mariadb.ts';
import { startCloud, type Cloud } from '../servers/moto.ts';
import { startPostgres } from '../servers/postgres.ts';
import { PASSWORD, type TestServer } from '../servers/process.ts';
import { purchases } from '../support/cli.ts';
import { sharedFolder } from '../support/folders.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const [OLD, NEW] = ['first+of two/passwords', 'second=of two@passwords'];
const at = sharedFolder();
let postgres: TestServer;
let mariadb: TestServer;
let cloud: Cloud;

beforeAll(async () => {
  [postgres, mariadb, cloud] = await Promise.all([startPostgres(), startMariadb(), startCloud()]);
});
beforeAll(() => {
  for (const [name, value] of Object.entries(cloud.env)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([postgres.stop(), mariadb.stop(), cloud.stop()]);
});

describe.each([
  ['PostgreSQL', () => postgres, openPostgres, (to: string) => `ALTER ROLE app PASSWORD '${to}'`],
  ['MariaDB', () => mariadb, openMysql, (to: string) => `ALTER USER app IDENTIFIED BY '${to}'`],
] as const)('the password of %s in Secrets Manager', (name, server, open, changed) => {
  const secrets = (): SecretsManagerClient => new SecretsManagerClient(cloud.client);
  const opened = (parameters: string, user = ''): Warehouse => {
    const url = server()
      .url('app', user)
      .replace(/\/\/[^@]*@/, user === '' ? '//' : `//${user}@`);
    return open({ url: `${url}?passwordFrom=${parameters}`, random: Math.random });
  };
  const one = (warehouse: Warehouse): Promise<unknown> => warehouse.query('SELECT 1 AS one');

  beforeAll(async () => {
    await server().createDatabase('app');
    await server().sql(
      'app',
      name === 'MariaDB'
        ? `CREATE USER app IDENTIFIED BY '${OLD}'; GRANT ALL ON app.* TO app`
        : `CREATE ROLE app LOGIN PASSWORD '${OLD}'`,
    );
  });
  afterEach(() => server().sql('app', changed(OLD)));

  test('is read from the JSON that RDS stores, user included, and again after a rotation', async () => {
    const content = (password: string): string => JSON.stringify({ username: 'app', password });
    const SecretId = `${name}/rotated`;
    await secrets().send(new CreateSecretCommand({ Name: SecretId, SecretString: content(OLD) }));
    const warehouse = opened(`secretsmanager:${SecretId}`);
    expect(await one(warehouse)).toMatchObject({ rows: [['1']] });
    await server().sql('app', changed(NEW));
    await secrets().send(new PutSecretValueCommand({ SecretId, SecretString: content(NEW) }));
    expect(await one(warehouse)).toMatchObject({ rows: [['1']] });
  });

  test('is read as plain text too, by the ARN', async () => {
    const Name = `${name}/plain`;
    const { ARN } = await secrets().send(new CreateSecretCommand({ Name, SecretString: OLD }));
    expect(await one(opened(`secretsmanager:${ARN}`, 'app'))).toMatchObject({ rows: [['1']] });
  });

  test.each([
    ['that is not there', undefined, /cannot be read/],
    ['that the server rejects', NEW, /refused/],
    ['without a password', '{"username":"app","pass":"first+of"}', /holds no password/],
    ['that is broken JSON', '{"password": "first+of', /refused|holds no password/],
  ])('%s is refused, and not quoted', async (what, SecretString, message) => {
    const Name = `${name}/${what.replaceAll(' ', '-')}`;
    if (SecretString !== undefined)
      await secrets().send(new CreateSecretCommand({ Name, SecretString }));
    const asking = one(opened(`secretsmanager:${Name}`, 'app'));
    await expect(asking).rejects.toThrow(RemoteRefused);
    await expect(asking).rejects.toThrow(message);
    await expect(asking).rejects.not.toThrow(/first\+of|second=of/);
  });
});

test('a token of RDS contains host, port and user, lives for 15 minutes, and a failure to sign is reported with its cause', async () => {
  const host = 'serving.abc.eu-central-1.rds.amazonaws.com';
  const token = new URL(`https://${await rdsToken({ host, port: 5432 }, 'loader')}`);
  expect(token.host).toBe(`${host}:5432`);
  const { searchParams } = token;
  expect(searchParams.get('DBUser')).toBe('loader');
  expect(searchParams.get('Action')).toBe('connect');
  expect(searchParams.get('X-Amz-Expires')).toBe('900');
  expect(searchParams.get('X-Amz-Credential')).toContain('/eu-central-1/rds-db/aws4_request');
});

describe('a password on the command line', () => {
  const secret = encodeURIComponent(NEW);

  test.each([
    ['PostgreSQL', () => postgres],
    ['MariaDB', () => mariadb],
  ])('that %s rejects is in no output', async (_name, server) => {
    const url = server().url('app').replace(encodeURIComponent(PASSWORD), secret);
    const given = [
      ['--warehouse', url],
      [`--warehouse=${url}`, '--json'],
    ];
    for (const flags of given) {
      const { code, stdout, stderr } = await purchases({ cwd: at.folder }, 'migrate', ...flags);
      expect(code).toBe(6);
      expect(`${stdout}${stderr}`).toContain('RemoteRefused');
      expect(`${stdout}${stderr}`).not.toMatch(/second|of%20two/);
    }
  });

  test("is removed from the list of processes once the command runs, and is not in the lake's note about its holder", async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const port = (silent.address() as { port: number }).port;
    const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
    const url = `mysql://me:${secret}@127.0.0.1:${port}/d`;
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', main, 'run', '--samples', '--lake', at.folder, '--warehouse', url],
      { stdio: 'ignore' },
    );
    await once(silent, 'connection');
    const shown = await readFile(`/proc/${child.pid}/cmdline`, 'utf8');
    const holder = await readFile(join(at.folder, '_lock', 'holder.json'), 'utf8');
    child.kill('SIGKILL');
    await once(child, 'exit');
    silent.close();
    for (const text of [shown, holder]) {
      expect(text).toContain('--warehouse mysql://me:***@127.0.0.1');
      expect(text).not.toContain('second');
    }
  });
});
