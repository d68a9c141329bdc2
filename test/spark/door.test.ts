import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { testFolder } from '../support/folders.ts';
import { aroundTheDoor } from './door.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const PYTHON = process.env['PURCHASES_TEST_PYTHON'] ?? here('../../.venv/bin/python');

test('every path, statement and connection goes to Spark through one module', async () => {
  const found: string[] = [];
  for (const folder of ['../../glue', '../../glue/purchases_spark'])
    for (const name of await readdir(here(folder)))
      if (name.endsWith('.py') && name !== 'tables.py')
        found.push(...aroundTheDoor(name, await readFile(join(here(folder), name), 'utf8')));
  expect(found).toEqual([]);
});

test.each([
  'rows = session.read.parquet(*paths)',
  'frame = session.read.option("x", "y").csv(path)',
  'rows.write.mode("overwrite").text(folder)',
  'session.sql(f"select * from {name}")',
  'context.textFile(path)',
  'frame = reader.load(path)',
])('a module that goes around it is found: %s', (line) => {
  expect(aroundTheDoor('planted.py', `import os\n\n${line}  # planted\n`)).toEqual([
    `planted.py:3 ${line}`,
  ]);
});

test(
  'statements and paths keep their meaning in a session with changed settings',
  async () => {
    const { stdout } = await promisify(execFile)(
      PYTHON,
      [here('check_tables.py'), await testFolder()],
      {
        env: { ...process.env, PYTHONPATH: here('../../glue'), PURCHASES_SECRET: 'hunter2' },
        maxBuffer: 1 << 24,
      },
    );
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual({
      apart: true,
      text: '${env:PURCHASES_SECRET}|${spark:spark.app.name}|${system:user.home}|${hiveconf:x}',
      escaped: '\\x',
      literals: [true, true, true, true, true, true, true],
      rows: 3,
      csv: 1,
      escaped_rows: 4,
      patterns: 'RuntimeError',
    });
  },
  40 * 60_000,
);
