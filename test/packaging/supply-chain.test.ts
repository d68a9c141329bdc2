import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

type Package = {
  integrity?: string;
  inBundle?: boolean;
  hasInstallScript?: boolean;
};

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const read = (path: string): string => readFileSync(file(path), 'utf8');
const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
  string,
  Record<string, string>
>;
const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Package> };
const locked = Object.entries(packages).filter(([path]) => path !== '');

test('every dependency is one exact version', () => {
  const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version),
  );
  expect(loose).toEqual([]);
});

test('every installed package has a recorded hash', () => {
  const unknown = locked.filter(
    ([path, { inBundle, integrity }]) =>
      inBundle !== true && existsSync(file(path)) && integrity?.startsWith('sha512-') !== true,
  );
  expect(unknown.map(([path]) => path)).toEqual([]);
});

test('no package but an optional one runs a script when it is installed', () => {
  const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript === true);
  // Its script only makes its command start faster; everything works without it.
  expect(scripted.map(([path]) => path)).toEqual(['node_modules/esbuild']);
});

test('Python packages and JDBC drivers of the tests have recorded hashes', () => {
  const requirements = read('test/python/requirements.txt')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => /^[\w.-]+(?:\[[\w,]+\])?==/.test(line));
  expect(requirements.length).toBeGreaterThan(20);
  expect(requirements.filter((line) => !line.includes('--hash=sha256:'))).toEqual([]);
  expect(read('scripts/install-test-python.sh')).toContain('--require-hashes');
  const drivers = read('test/python/jars.sha256').trim().split('\n');
  expect(drivers.filter((line) => !/^[\da-f]{64} {2}\S+\.jar$/.test(line))).toEqual([]);
});
