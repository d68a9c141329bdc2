import { mkdir, mkdtemp, readFile, realpath, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigInvalid } from '../errors.ts';
import { loadConfig, type LoadOptions } from './load.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await realpath(await mkdtemp(join(tmpdir(), 'purchases-config-')));
});
afterEach(() => rm(cwd, { recursive: true }));

const load = (options: Partial<LoadOptions> = {}) =>
  loadConfig({ cwd, env: {}, flags: {}, ...options });
const write = async (name: string, content: string | object): Promise<string> => {
  const file = join(cwd, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};

describe('without a file', () => {
  it('the defaults hold', async () => {
    expect(await load()).toMatchObject({
      file: undefined,
      lake: join(cwd, 'lake'),
      warehouse: { kind: 'pglite', folder: join(cwd, 'lake/_warehouse') },
      timeZone: 'Australia/Sydney',
      fx: { rates: undefined, maxAgeDays: 7 },
      firstCustomerId: 1_000_000_001,
      limits: { maxQuarantinedShare: 1, maxInflation: 200 },
      sources: [{ name: 'default', match: '**', rows: 'purchases', dateFormats: [], deletes: [] }],
    });
  });

  it('the warehouse is in the lake of the flag, and in ./lake for a lake in S3', async () => {
    const local = await load({ flags: { lake: 'other' } });
    expect(local.warehouse).toEqual({ kind: 'pglite', folder: join(cwd, 'other/_warehouse') });
    const remote = await load({ flags: { lake: 's3://bucket/lake/' } });
    expect(remote.lake).toBe('s3://bucket/lake');
    expect(remote.warehouse).toEqual({ kind: 'pglite', folder: join(cwd, 'lake/_warehouse') });
  });

  it('nothing is imported but what is our own', async () => {
    const seen = new Set<string>();
    const outside: string[] = [];
    const visit = async (file: string): Promise<void> => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = await readFile(file, 'utf8');
      for (const [, from = ''] of text.matchAll(
        /^(?:import|export)(?! type)[^;]*? from '([^']+)';/gms,
      )) {
        if (from.startsWith('.')) await visit(join(dirname(file), from));
        else if (!from.startsWith('node:')) outside.push(from);
      }
    };
    await visit(new URL('load.ts', import.meta.url).pathname);
    expect(seen.size).toBeGreaterThan(5);
    expect(outside).toEqual([]);
  });
});

describe('a value', () => {
  it('comes from the flag, else the environment, else the file, else the default, and says so', async () => {
    await write('purchases.config.json', {
      lake: 'file',
      timeZone: 'Europe/Paris',
      fx: { rates: 'f.csv', maxAgeDays: 3 },
    });
    const env = {
      PURCHASES_LAKE: 'env',
      PURCHASES_TIME_ZONE: 'Europe/London',
      PURCHASES_FX_RATES: '',
    };
    const config = await load({ env, flags: { lake: 'flag' } });
    expect(config).toMatchObject({
      lake: join(cwd, 'flag'),
      timeZone: 'Europe/London',
      fx: { rates: { kind: 'file', path: join(cwd, 'f.csv') }, maxAgeDays: 3 },
    });
  });

  it('that is a path starts at the file in the file, and at the working folder elsewhere', async () => {
    const file = await write(
      'conf/my.yaml',
      'lake: ../data\nwarehouse: pglite:./w\nfx: { rates: ./r.csv }',
    );
    expect(await load({ flags: { config: 'conf/my.yaml' } })).toMatchObject({
      file,
      lake: join(cwd, 'data'),
      warehouse: { folder: join(cwd, 'conf/w') },
      fx: { rates: { path: join(cwd, 'conf/r.csv') } },
    });
    const env = {
      PURCHASES_CONFIG: file,
      PURCHASES_WAREHOUSE: 'pglite:w',
      PURCHASES_FX_RATES: 'r.csv',
    };
    expect(await load({ env })).toMatchObject({
      warehouse: { folder: join(cwd, 'w') },
      fx: { rates: { path: join(cwd, 'r.csv') } },
    });
  });

  it('that is a default path starts at the file too', async () => {
    await write('conf/my.json', {});
    const config = await load({ flags: { config: 'conf/my.json' } });
    expect(config).toMatchObject({
      lake: join(cwd, 'conf/lake'),
      warehouse: { folder: join(cwd, 'conf/lake/_warehouse') },
    });
  });

  it('that holds a password may be the content of a file', async () => {
    await write('secret', 'postgres://u:p@h/d\n');
    const env = { PURCHASES_WAREHOUSE_FILE: 'secret' };
    expect((await load({ env })).warehouse).toEqual({
      kind: 'postgres',
      url: 'postgres://u:p@h/d',
    });
    const both = load({ env: { ...env, PURCHASES_WAREHOUSE: 'mysql://h/d' } });
    await expect(both).rejects.toThrow(
      'PURCHASES_WAREHOUSE_FILE: conflicts with PURCHASES_WAREHOUSE',
    );
    const gone = load({ env: { PURCHASES_WAREHOUSE_FILE: 'gone' } });
    await expect(gone).rejects.toThrow('PURCHASES_WAREHOUSE_FILE: cannot be read');
  });

  it('may have a reading login, of the same kind of server', async () => {
    await write('secret', 'postgres://reads:p@h/d\n');
    const given = { PURCHASES_WAREHOUSE: 'postgres://u@h/d', PURCHASES_WAREHOUSE_PASSWORD: 's' };
    const reader = 'postgres://reads:p@h/d';
    for (const env of [
      { ...given, PURCHASES_WAREHOUSE_READER: reader },
      { ...given, PURCHASES_WAREHOUSE_READER_FILE: 'secret' },
    ])
      expect((await load({ env })).warehouse).toMatchObject({ password: 's', reader });
    const other = load({ env: { ...given, PURCHASES_WAREHOUSE_READER: 'mysql://h/d' } });
    await expect(other).rejects.toThrow('PURCHASES_WAREHOUSE_READER: is a mysql URL');
    const both = { PURCHASES_WAREHOUSE_READER: reader, PURCHASES_WAREHOUSE_READER_FILE: 'secret' };
    await expect(load({ env: { ...given, ...both } })).rejects.toThrow('keep one');
  });

  it('may have its password in a variable or a file of its own', async () => {
    await write('password', ' p@ss word \n');
    const url = 'postgres://u@h/d';
    const variable = { PURCHASES_WAREHOUSE: url, PURCHASES_WAREHOUSE_PASSWORD: 's3cr3t' };
    const file = { PURCHASES_WAREHOUSE: url, PURCHASES_WAREHOUSE_PASSWORD_FILE: 'password' };
    expect((await load({ env: variable })).warehouse).toMatchObject({ url, password: 's3cr3t' });
    expect((await load({ env: file })).warehouse).toMatchObject({ url, password: ' p@ss word ' });
    const pglite = { ...variable, PURCHASES_WAREHOUSE: 'pglite:./here' };
    expect((await load({ env: pglite })).warehouse).not.toHaveProperty('password');
  });

  it.each([
    ['postgres://u:0ther@h/d', { PASSWORD: 's3cr3t' }, 'conflicts with the password in'],
    [
      'mysql://u@h/d?passwordFrom=rds-iam',
      { PASSWORD: 's3cr3t' },
      'conflicts with the passwordFrom in',
    ],
    [
      'mysql://u@h/d',
      { PASSWORD: 's3cr3t', PASSWORD_FILE: 'f' },
      'conflicts with PURCHASES_WAREHOUSE_PASS',
    ],
    [
      'mysql://u@h/d',
      { PASSWORD_FILE: 'gone' },
      'PURCHASES_WAREHOUSE_PASSWORD_FILE: cannot be read',
    ],
  ])('has one password (%s, %j)', async (url, more, message) => {
    const variables = Object.entries(more).map(([name, value]) => [
      `PURCHASES_WAREHOUSE_${name}`,
      value,
    ]);
    const loading = load({ env: { PURCHASES_WAREHOUSE: url, ...Object.fromEntries(variables) } });
    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.not.toThrow(/s3cr3t|0ther/);
  });
});

describe('a file', () => {
  it.each([
    ['purchases.config.json', '{"$schema": "./purchases.schema.json", "firstCustomerId": 7}'],
    ['purchases.config.yaml', '\uFEFF# ours\nfirstCustomerId: 7\n'],
    ['purchases.config.js', 'export default { firstCustomerId: 7 };'],
    ['purchases.config.ts', 'const id: number = 7;\nexport default { firstCustomerId: id };'],
  ])('%s is found and read', async (name, content) => {
    const file = await write(name, content);
    expect(await load()).toMatchObject({
      file,
      firstCustomerId: 7,
    });
  });

  it.each([
    ['a package of modules', '{"type":"module"}'],
    ['a package of CommonJS', '{"type":"commonjs"}'],
  ])('of TypeScript or JavaScript may stand in %s', async (_, manifest) => {
    await write('package.json', manifest);
    await write('shared.ts', 'export const zone: string = "Europe/Paris";');
    await write(
      'purchases.config.ts',
      'import { zone } from "./shared.ts";\nexport default { timeZone: zone };',
    );
    expect((await load()).timeZone).toBe('Europe/Paris');
    const file = await write('my.mjs', 'export default { timeZone: "Europe/London" };');
    expect((await load({ flags: { config: file } })).timeZone).toBe('Europe/London');
  });

  it('that changed is read again', async () => {
    const file = await write('purchases.config.js', 'export default { firstCustomerId: 1 };');
    expect((await load()).firstCustomerId).toBe(1);
    await writeFile(file, 'export default { firstCustomerId: 2 };');
    await utimes(file, 1, 1);
    expect((await load()).firstCustomerId).toBe(2);
  });

  it('of YAML that holds comments alone changes nothing', async () => {
    await write('purchases.config.yaml', '# lake: ./lake\n');
    expect((await load()).lake).toBe(join(cwd, 'lake'));
  });

  it('next to another is an error that names both', async () => {
    await write('purchases.config.json', {});
    await write('purchases.config.yaml', '');
    await expect(load()).rejects.toThrow(
      'contains purchases.config.json and purchases.config.yaml',
    );
    expect((await load({ flags: { config: 'purchases.config.json' } })).file).toBe(
      join(cwd, 'purchases.config.json'),
    );
  });

  it('with an unsupported name is reported, not ignored', async () => {
    await write('purchases.config.yml', '');
    await expect(load()).rejects.toThrow('purchases.config.yml: is ignored: rename it');
    expect((await load({ flags: { config: 'purchases.config.yml' } })).file).toBe(
      join(cwd, 'purchases.config.yml'),
    );
  });

  it.each([
    ['gone.yaml', '--config: there is no file'],
    ['folder.yaml', 'is not a file'],
    ['a.toml', 'must end in one of .ts'],
    ['', 'is not a file'],
  ])('named %j is refused: %s', async (config, message) => {
    await mkdir(join(cwd, 'folder.yaml'));
    await write('a.toml', '');
    await expect(load({ flags: { config } })).rejects.toThrow(message);
  });

  it.each([
    ['a.json', '{\n  "lake": ./x\n}', 'a.json:2:11 expected a value, found "."'],
    ['a.json', '{\n  "lake": "x",\n  "lake": "y"\n}', 'a.json:3:3 duplicate key "lake"'],
    ['a.yaml', 'lake: x\nlake: y\n', 'a.yaml:2:1 Map keys must be unique'],
    ['a.yaml', 'lake: [x\n', 'a.yaml:2:1'],
    ['a.yaml', 'lake: x\n---\nlake: y\n', 'multiple documents'],
    [
      'a.js',
      'throw new Error("postgres://u:secret@h/d is down");',
      'a.js cannot be read: postgres://u:***@h/d is down',
    ],
    ['a.js', 'export const lake = 1;', 'a.js cannot be read: has no default export'],
    ['a.ts', 'export default { lake: ', 'a.ts cannot be read'],
    ['a.ts', 'export default 5', 'a.ts must be an object, not 5'],
    ['a.yaml', '- lake', 'a.yaml:1:1 must be an object, not a list'],
    ['a.json', 'null', 'a.json:1:1 must be an object, not null'],
  ])('%s holding %j is refused: %s', async (name, content, message) => {
    await write(name, content);
    const failed = load({ flags: { config: name } });
    await expect(failed).rejects.toBeInstanceOf(ConfigInvalid);
    await expect(failed).rejects.toThrow(message);
  });
});
