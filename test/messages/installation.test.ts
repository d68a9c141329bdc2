import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import lock from '../../package-lock.json' with { type: 'json' };
import about from '../../package.json' with { type: 'json' };

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

type Version = [number, number, number];

const versionOf = (text: string): Version => {
  const [major = 0, minor = 0, patch = 0] = text
    .split('.')
    .map((part) => Number.parseInt(part, 10) || 0);
  return [major, minor, patch];
};
const compare = (a: Version, b: Version): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

/**
 * Whether a version fits a range of npm, as `engines` are written: `^18.19 || >=20.6`, `>= 14`,
 * `20.x`, `*`.
 */
function fits(version: Version, range: string): boolean {
  return range.split('||').some((part) => {
    const comparators = part.trim().matchAll(/([<>]=?|[~^=])?\s*v?(\d[\w.-]*|[*x])/g);
    return [...comparators].every(([, sign = '', text = '']) => fitsOne(version, sign, text));
  });
}

function fitsOne(version: Version, sign: string, text: string): boolean {
  if (/^[*x]/.test(text)) return true;
  const at = versionOf(text);
  const order = compare(version, at);
  const given = text.split('.').filter((part) => /^\d/.test(part)).length;
  if (sign === '>=') return order >= 0;
  if (sign === '>') return given < 3 ? version[0] > at[0] : order > 0;
  if (sign === '<') return order < 0;
  if (sign === '<=') return order <= 0;
  if (sign === '^') return order >= 0 && version[0] === at[0];
  if (sign === '~') return order >= 0 && version[0] === at[0] && version[1] === at[1];
  return version.slice(0, given).every((part, place) => part === at[place]);
}

describe('the lowest Node that is promised', () => {
  const floor = versionOf(about.engines.node.replace('>=', ''));
  const packages = Object.entries(
    lock.packages as Record<string, { engines?: { node?: string } | string[]; link?: boolean }>,
  );

  test('ranges are read as npm reads them', () => {
    const at: Version = [20, 20, 0];
    for (const range of [
      '>=20.20',
      '^18.19.0 || >=20.6',
      '*',
      '20.x',
      '20',
      '^20',
      '>= 14',
      '>=18 <21',
      '20 || 22',
    ])
      expect(fits(at, range), range).toBe(true);
    for (const range of ['>=22.0.0', '^18', '^22 || >=24', '<20', '18.x || 22.x', '>20', '~20.19'])
      expect(fits(at, range), range).toBe(false);
  });

  test('is enough for every package, those of development and of other packages too: npm i --engine-strict works on it', () => {
    expect(packages.length).toBeGreaterThan(300);
    const refusing = packages.flatMap(([name, { engines }]) => {
      const range = Array.isArray(engines) ? undefined : engines?.node;
      return range === undefined || fits(floor, range) ? [] : [`${name} needs ${range}`];
    });
    expect(refusing).toEqual([]);
  });

  test('is the one that README names and that the build is made for', async () => {
    const [major, minor] = floor;
    expect(await readFile(join(ROOT, 'README.md'), 'utf8')).toContain(
      `Node ${major}.${minor} or newer`,
    );
    expect(await readFile(join(ROOT, 'scripts/build.js'), 'utf8')).toContain(
      `'node${major}.${minor}'`,
    );
  });
});

describe('the package as it is installed', () => {
  let folder = '';
  let installed = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'purchases-package-'));
    const packed = await run(
      'npm',
      ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
      {
        cwd: ROOT,
      },
    );
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
    const modules = join(folder, 'node_modules');
    installed = join(modules, about.name);
    await mkdir(installed, { recursive: true });
    await run('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components=1']);
    for (const name of Object.keys(about.dependencies)) {
      if (name.startsWith('@'))
        await mkdir(join(modules, name.split('/')[0] ?? ''), { recursive: true });
      await symlink(join(ROOT, 'node_modules', name), join(modules, name));
    }
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('defineConfig and the errors are imported by its name', async () => {
    const script = `import { defineConfig, LakeMissing } from '${about.name}';
      console.log(JSON.stringify(defineConfig({ lake: './x' })), typeof LakeMissing);`;
    await writeFile(join(folder, 'a.js'), script);
    const { stdout } = await run(process.execPath, [join(folder, 'a.js')]);
    expect(stdout).toBe('{"lake":"./x"} function\n');
  });

  test('in TypeScript defineConfig has its types: a key that is none is an error', async () => {
    const config = (key: string) =>
      `import { defineConfig } from '${about.name}';\nexport default defineConfig({ ${key}: './x', sources: [{ name: 'a', match: '**', fields: {} }] });\n`;
    await writeFile(join(folder, 'good.ts'), config('lake'));
    await writeFile(join(folder, 'bad.ts'), config('laek'));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const check = (file: string) =>
      run(
        process.execPath,
        [
          tsc,
          '--noEmit',
          '--strict',
          '--skipLibCheck',
          'false',
          '--module',
          'nodenext',
          '--target',
          'es2023',
          '--types',
          '',
          file,
        ],
        { cwd: folder },
      ).then(
        () => '',
        (error: { stdout: string }) => error.stdout,
      );
    expect(await check('good.ts')).toBe('');
    expect(await check('bad.ts')).toMatch(/bad\.ts\(2,\d+\).*laek/);
  });

  test('a configuration in TypeScript that imports it by name is read', async () => {
    const text = `import { defineConfig } from '${about.name}';\nexport default defineConfig({ timeZone: 'Sidney' as string });\n`;
    await writeFile(join(folder, 'purchases.config.ts'), text);
    const failed: unknown = await run(
      process.execPath,
      [join(installed, 'dist/purchases.js'), 'plan'],
      {
        cwd: folder,
      },
    ).catch((error: unknown) => error);
    expect(failed).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/ConfigInvalid: .*Sidney/s),
    });
    await rm(join(folder, 'purchases.config.ts'));
  });

  test('without the library of this platform a command says what is missing and how to install it', async () => {
    const modules = join(folder, 'node_modules', '@duckdb');
    await rm(modules, { recursive: true });
    for (const name of ['node-api', 'node-bindings'])
      await cp(join(ROOT, 'node_modules/@duckdb', name), join(modules, name), { recursive: true });
    await mkdir(join(folder, 'lake/bronze'), { recursive: true });
    for (const argv of [
      ['run'],
      ['query', 'select 1'],
      ['generate', '--rows', '1', '--out', 'x'],
    ]) {
      const failed: unknown = await run(
        process.execPath,
        [join(installed, 'dist/purchases.js'), ...argv],
        {
          cwd: folder,
        },
      ).catch((error: unknown) => error);
      expect(failed).toMatchObject({ code: 2 });
      const { stderr } = failed as { stderr: string };
      expect(stderr).toMatch(
        /^EngineUnavailable: This installation lacks @duckdb\/node-bindings-\S+, which it needs on \S+\.\n.*npm install --include=optional/,
      );
      expect(stderr).not.toMatch(/\n {4}at /);
    }
  });
});
