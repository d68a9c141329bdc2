import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { cycles, violationsOf } from './arrow.ts';
import type { Violation } from './arrow.ts';
import { LIMITS_OF_DUCKDB, measure, shown } from './sizes.ts';
import { readSource } from './source.ts';
import type { Source } from './source.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The files of src that ship: tests and conformance suites may look to the right, and are as long
 * as they need.
 */
function shipped(): Source[] {
  return readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
    .map((name) => `src/${name.replaceAll('\\', '/')}`)
    .filter((path) => /\.tsx?$/.test(path) && !/\.(test|conformance)\.tsx?$/.test(path))
    .toSorted()
    .map((path) => readSource(path, readFileSync(root + path, 'utf8')));
}

const lines = (violations: Violation[]): string[] =>
  violations.map(({ at, fault }) => `${at} ${fault}`);

describe('the code keeps its shape', () => {
  const sources = shipped();

  test('imports go one way, and only the rooms that may use the environment, the clock and randomness', () => {
    expect(lines(sources.flatMap(violationsOf))).toEqual([]);
  });

  test('no files import each other in a circle', () => {
    expect(cycles(sources).map((cycle) => cycle.join(' -> '))).toEqual([]);
  });

  test('files and functions are small', () => {
    const { files, functions, violations } = measure(sources);
    console.log(`${shown('files', files)}\n${shown('functions', functions)}`);
    expect(lines(violations)).toEqual([]);
  });
});

test('the files of the DuckDB engine are small by themselves', () => {
  const room = shipped().filter(({ path }) => path.startsWith('src/engines/duckdb/'));
  const { files, violations } = measure(room, LIMITS_OF_DUCKDB);
  console.log(shown('files of the DuckDB engine', files));
  expect(lines(violations)).toEqual([]);
});

describe('a fault that is planted is found', () => {
  const faults = (path: string, text: string): string[] =>
    lines(violationsOf(readSource(path, text)));

  test.each([
    ['src/medallion/a.ts', `import { x } from '../lake/x.ts';`, 'against the arrow'],
    ['src/medallion/a.ts', `export { x } from '../fx/x.ts';`, 'against the arrow'],
    ['src/lake/a.ts', `type T = import('../stores/s3/s3.ts').T;`, 'against the arrow'],
    [
      'src/lake/ports/a.ts',
      `const x = await import('../../engines/duckdb/e.ts');`,
      'against the arrow',
    ],
    ['src/config/a.ts', `import '../state-machine/a.ts';`, 'against the arrow'],
    ['src/console/a.ts', `import '../cli/a.ts';`, 'against the arrow'],
    ['src/errors.ts', `import './index.ts';`, 'against the arrow'],
    [
      'src/stores/s3/a.ts',
      `import type { T } from '../filesystem/t.ts';`,
      'imports the adapter filesystem',
    ],
    ['src/stores/s3/a.ts', `import '../../engines/e.ts';`, 'against the arrow'],
    ['src/cli/a.ts', `import './a.test.ts';`, 'imports the test'],
    ['src/cli/a.ts', `import '../lake/plan.js';`, 'without its extension'],
    ['src/cli/a.ts', `import '../../test/tool.ts';`, 'outside src'],
    ['src/fx/a.ts', `import { readFile } from 'node:fs/promises';`, 'into a pure room'],
    ['src/medallion/a.ts', `import { z } from 'zod';`, 'into a pure room'],
    ['src/lake/a.ts', `import { DuckDBInstance } from '@duckdb/node-api';`, 'through a port'],
    ['src/misc/a.ts', ``, 'no room of the arrow'],
    ['src/lake/a/b/c.ts', ``, 'more than 2 folders'],
    ['src/engines/duckdb/a/b/c.ts', ``, 'more than 3 folders'],
    ['src/warehouses/server/a.ts', `import '../postgres/t.ts';`, 'imports the adapter postgres'],
    ['src/warehouses/mysql/a.ts', `import '../postgres/t.ts';`, 'imports the adapter postgres'],
    ['src/lake/a.ts', `let x: Record<string, any>;`, 'uses any'],
    ['src/lake/a.ts', `export default 1;`, 'uses default export'],
    ['src/lake/a.ts', `const a = 1; export { a as default };`, 'uses default export'],
    ['src/cli/run.ts', `const x = process.env['HOME'];`, 'uses process.env'],
    ['src/cli/run.ts', `const x = globalThis.process.env.HOME;`, 'uses process.env'],
    ['src/cli/run.ts', `const { env } = process;`, 'uses process.env'],
    ['src/cli/run.ts', `import { env } from 'node:process';`, 'uses process.env'],
    ['src/lake/a.ts', `const now = Date.now();`, 'uses clock'],
    ['src/lake/a.ts', `const now = new Date();`, 'uses clock'],
    ['src/stores/s3/a.ts', `const x = Math.random();`, 'uses randomness'],
    ['src/lake/a.ts', `import { randomUUID } from 'node:crypto';`, 'uses randomness'],
  ])('%s: %s', (path, text, fault) => {
    expect(faults(path, text)).toEqual([expect.stringMatching(`^${path}:1 .*${fault}`)]);
  });

  test.each([
    [
      'src/cli/a.ts',
      `import '../console/serve.ts'; import '../state-machine/run.ts'; import '../errors.ts';`,
    ],
    [
      'src/stores/s3/a.ts',
      `import './b.ts'; import '../shared.ts'; import type { S } from '../../lake/ports/store.ts';`,
    ],
    ['src/engines/duckdb/bronze/a.ts', `import '../session.ts';`],
    ['src/warehouses/pglite/a.ts', `import '../postgres/statements.ts';`],
    ['src/config/a.ts', `export const home = process.env['HOME'];`],
    ['src/cli/main.ts', `main(process.env, new Date());`],
    ['src/medallion/a.ts', `import { createHash } from 'node:crypto'; const day = new Date(0);`],
    ['src/cli/a.ts', `import about from '../../package.json' with { type: 'json' };`],
  ])('%s may say: %s', (path, text) => {
    expect(faults(path, text)).toEqual([]);
  });

  test('a circle of imports, types too', () => {
    const circle = [
      readSource('src/lake/a.ts', `import './b.ts';`),
      readSource('src/lake/b.ts', `import './ports/c.ts';`),
      readSource('src/lake/ports/c.ts', `import type { A } from '../a.ts';`),
      readSource('src/lake/d.ts', `import './a.ts';`),
    ];
    expect(cycles(circle)).toEqual([['src/lake/a.ts', 'src/lake/b.ts', 'src/lake/ports/c.ts']]);
    expect(cycles(circle.slice(1))).toEqual([]);
  });

  test('files and functions that are too long, one by one and on the whole', () => {
    const short = readSource('src/lake/short.ts', 'export const a = 1;\n');
    const long = readSource('src/lake/long.ts', `const f = () => {\n${'f();\n'.repeat(299)}};\n`);
    expect(lines(measure([short, short, long]).violations)).toEqual([
      'src/lake/long.ts file of 301 lines, more than 300',
      'src files: p90 of 301 lines, more than 180',
      'src/lake/long.ts:1 function of 301 lines, more than 60',
      'src functions: median of 301 lines, more than 25',
      'src functions: p90 of 301 lines, more than 25',
    ]);
    const middling = readSource('src/engines/duckdb/a.ts', 'f();\n'.repeat(101));
    expect(lines(measure([middling], LIMITS_OF_DUCKDB).violations)).toEqual([
      'src files: median of 101 lines, more than 100',
    ]);
    const just = readSource(
      'src/lake/just.ts',
      `function f() {\n${'f();\n'.repeat(58)}}\n${'f();\n'.repeat(240)}`,
    );
    expect({ lines: just.lines, functions: just.functions }).toEqual({
      lines: 300,
      functions: [{ line: 1, lines: 60 }],
    });
  });
});
