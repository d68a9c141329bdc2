import { execFileSync } from 'node:child_process';
import { mkdir, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';

import { failureText } from '../../src/cli/terminal/failure.ts';
import { document, io, purchases } from '../support/cli.ts';
import { listing, putBronze, sharedFolder, testFolder } from '../support/folders.ts';
import { startIn } from '../support/processes.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const HEADER = 'customer_id,first_name,last_name,email,purchase_id,purchase_date,amount,currency';
const ROWS = [HEADER, '1,A,B,,p1,2026-01-05,10,AUD', '2,C,D,,p2,2026-01-05,none,AUD'].join('\n');

async function smallLake(): Promise<string> {
  const cwd = await testFolder();
  await putBronze(join(cwd, 'lake'), '2026-01-05/a.csv', ROWS);
  await purchases({ cwd }, 'run', '--quiet');
  return cwd;
}

const READING = [
  ['query', 'select * from gold'],
  ['query', 'select 1', '--warehouse-db'],
  ['query', '--saved', 'top-customers'],
  ['explain', '1'],
  ['history', '1'],
  ['quarantine'],
  ['plan'],
  ['verify'],
  ['vacuum', '--dry-run'],
  ['vacuum'],
  ['repair'],
  ['adopt'],
  ['rebuild'],
  ['erase', '1', '--dry-run'],
  ['run'],
];

describe('a lake that is not there', () => {
  test.each(READING)(
    'fails %s by name, with the lake that was meant, and creates nothing',
    async (...argv) => {
      const cwd = await testFolder();
      await mkdir(join(cwd, 'lake/bronze'), { recursive: true });
      const { code, stdout, stderr } = await purchases({ cwd }, ...argv, '--lake', 'laek');
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(
        /LakeMissing: There is no lake at .*laek[^]*Did you mean --lake .*lake\?/,
      );
      expect(await readdir(cwd, { recursive: true })).toEqual(['lake', 'lake/bronze']);
    },
  );

  test('a folder without bronze and ledger is none; inside a lake, the lake is meant', async () => {
    const cwd = await testFolder();
    await mkdir(join(cwd, 'lake/bronze'), { recursive: true });
    const { code, stderr } = await purchases({ cwd }, 'query', 'select 1', '--lake', 'lake/bronze');
    expect(code).toBe(2);
    expect(stderr).toMatch(/has neither bronze\/ nor _ledger\/[^]*Did you mean --lake .*\/lake\?/);
  });

  test('a file is none', async () => {
    const cwd = await testFolder();
    await writeFile(join(cwd, 'afile'), '');
    for (const argv of [['run'], ['verify']]) {
      const { code, stderr } = await purchases({ cwd }, ...argv, '--lake', 'afile');
      expect(code).toBe(2);
      expect(stderr).toMatch(/LakeMissing: The lake .*afile is a file/);
    }
  });
});

describe('files that were lost', () => {
  const at = sharedFolder();
  const command = (...argv: string[]) => purchases({ cwd: at.folder }, ...argv);

  beforeAll(async () => {
    await putBronze(join(at.folder, 'lake'), '2026-01-05/a.csv', ROWS);
    document(await command('run', '--json', '--quiet'));
  });

  const fileOf = async (layer: string): Promise<string> => {
    const newest = Object.keys(await listing(join(at.folder, 'lake', layer))).at(-1) ?? '';
    return join(at.folder, 'lake', layer, newest);
  };

  test.each([
    ['silver', rm, /is missing/],
    ['gold', rm, /is missing/],
    ['quarantine', rm, /is missing/],
    ['gold', (path: string) => truncate(path, 12), /has 12 bytes, but \d+ were recorded/],
    ['silver', (path: string) => truncate(path, 0), /has 0 bytes, but \d+ were recorded/],
  ])(
    '%s: reading names the file and how to rebuild it, and a run rebuilds it',
    async (layer, lose, says) => {
      await lose(await fileOf(layer));
      for (const argv of [['query', 'select * from gold'], ['explain', '1'], ['quarantine']]) {
        const { code, stdout, stderr } = await command(...argv);
        expect([code, stdout]).toEqual([1, '']);
        expect(stderr).toMatch(new RegExp(`LedgerDamaged: The file ${layer}/.*`));
        expect(stderr).toMatch(says);
        expect(stderr).toMatch(/purchases run rebuilds it from bronze/);
      }
      const planned = await command('plan');
      expect(planned.stdout).toMatch(says);
      expect(document(await command('plan', '--json'))).toMatchObject({ lost: [{}] });
      const { seq } = document(await command('plan', '--json')) as { seq: number };
      expect(document(await command('run', '--json', '--quiet'))).toMatchObject({ seq: seq + 1 });
      expect((await command('verify')).stdout).toMatch(/^Equal/);
    },
  );
});

test('a temporary folder that cannot be used is named', async () => {
  const cwd = await smallLake();
  for (const argv of [['query', 'select 1'], ['plan'], ['explain', '1'], ['history', '1']]) {
    const env = { TMPDIR: join(cwd, 'none') };
    const { code, stderr } = await startIn({ cwd, env }, ...argv).ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^ConfigInvalid: The folder for temporary files, .*none, does not exist/,
    );
  }
});

test.each([
  [
    'a.yaml',
    'sources:\n  - {name: a, match: "**", fields: {first_name: {constant: "x\\0y"}}}\n',
    /a\.yaml:2:\d+ .*first_name\.constant: contains a NUL/,
  ],
  [
    'a.json',
    '{"sources":[{"name":"a","match":"**","fields":{"first_name":{"constant":"\\ud800"}}}]}',
    /constant: contains half of a surrogate pair/,
  ],
  [
    'a.json',
    '{"sources":[{"name":"a","match":"**","fields":{"email":"e\\u0000"}}]}',
    /email: contains a NUL/,
  ],
  ['a.js', 'export default { lake: "./a\\0b" };', /lake: contains a NUL/],
])('text that no engine can hold is a fault of %s', async (name, text, says) => {
  const cwd = await smallLake();
  await writeFile(join(cwd, name), text);
  const { code, stderr } = await purchases({ cwd }, 'run', '--config', name, '--lake', 'lake');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^ConfigInvalid: /);
  expect(stderr).toMatch(says);
});

describe('a failure that nobody foresaw', () => {
  const said = (error: unknown, env: Record<string, string> = {}): string =>
    failureText(io({ cwd: '/', env }, []), error);

  test('says that it is a fault of the program; the stack comes with PURCHASES_DEBUG alone', () => {
    const error = new Error('seq is odd', { cause: new Error('deeper') });
    expect(said(error)).toMatch(
      /^Internal error: seq is odd\n.*a bug in purchases[^]*PURCHASES_DEBUG=1/,
    );
    expect(said(error)).not.toMatch(/ at /);
    expect(said(error, { PURCHASES_DEBUG: '1' })).toMatch(
      / at [^]*Caused by: Error: deeper[^]* at /,
    );
  });

  test.each([
    [{ name: 'ErrnoError', errno: 28 }, /Internal error: \{"name":"ErrnoError","errno":28\}/],
    [{ message: 'no space' }, /Internal error: no space/],
    ['text', /Internal error: text/],
    [undefined, /Internal error: undefined/],
  ])('describes any thrown value: %j', (thrown, says) => {
    expect(said(thrown)).toMatch(says);
  });

  test('lines of a value are indented, so that none looks like a message of its own', () => {
    expect(said(new Error('file "x\nPurchasesError: fine"'))).toMatch(/\n {2}PurchasesError: fine/);
    expect(said(new Error('at:\nLINE 1: selec\n        ^'))).toMatch(
      / at:\n {2}LINE 1: selec\n {10}\^\n/,
    );
  });
});

test('a file in place of a folder, and a folder in place of a file, are named without a stack', async () => {
  const cwd = await smallLake();
  await mkdir(join(cwd, 'folder.csv'));
  await writeFile(join(cwd, 'afile'), '');
  for (const argv of [
    ['fx', 'import', 'folder.csv'],
    ['init', 'folder.csv'],
    ['generate', '--rows', '1', '--out', 'afile'],
    ['plan', '--config', 'folder.csv'],
    ['deploy', '--dry-run', '--choices', 'none.json'],
  ]) {
    const { code, stderr } = await purchases({ cwd }, ...argv);
    expect(code, stderr).not.toBe(0);
    expect(stderr).not.toMatch(/Internal error|\n {4}at /);
  }
});

const mayMount = process.platform === 'linux' && process.getuid?.() === 0;

test.runIf(mayMount)(
  `a lake on a read-only file system ${mayMount ? 'is read by every command that reads' : 'was left out: only root may mount one'}`,
  async () => {
    const cwd = await smallLake();
    const ro = join(cwd, 'ro');
    await mkdir(ro);
    execFileSync('mount', ['-o', 'ro,bind', join(cwd, 'lake'), ro]);
    onTestFinished(() => void execFileSync('umount', ['--lazy', ro]));
    execFileSync('mount', ['-o', 'remount,ro,bind', ro]);
    const before = await listing(ro);
    const command = (...argv: string[]) => purchases({ cwd }, ...argv, '--lake', ro);

    for (const argv of [
      ['query', 'select * from gold'],
      ['explain', '1'],
      ['history', '1'],
      ['quarantine'],
      ['plan'],
      ['plan', '--rows'],
      ['verify'],
      ['vacuum', '--dry-run'],
    ]) {
      const { code, stderr } = await command(...argv);
      expect({ argv, code, stderr }).toMatchObject({ code: 0 });
    }
    expect((await command('explain', '1')).stdout).toMatch(/10\.00 AUD at seq 1/);
    const written = await command('run');
    expect(written).toMatchObject({ code: 1, stdout: '' });
    expect(written.stderr).toMatch(
      /DiskFailed: .*read-only file system[^]*cannot write into the lake/i,
    );
    expect(await listing(ro)).toEqual(before);
  },
);
