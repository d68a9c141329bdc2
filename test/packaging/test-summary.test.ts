import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/test-summary.js', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'test-summary-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function summaryOf(text: string): Promise<{ line: string; code: number }> {
  const path = join(folder, 'tests.json');
  await writeFile(path, text);
  return new Promise((done) => {
    const child = execFile(process.execPath, [script, path], (_, stdout) => {
      done({ line: stdout.trim(), code: child.exitCode ?? -1 });
    });
  });
}

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});

function report(success: boolean, ...testResults: ReturnType<typeof file>[]): string {
  const count = (status: string): number =>
    testResults.flatMap((each) => each.assertionResults).filter((each) => each.status === status)
      .length;
  return JSON.stringify({
    success,
    testResults,
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
  });
}

test.each([
  [
    'all pass',
    report(true, file('passed', 'passed', 'passed', 'skipped')),
    '2 passed, 0 failed',
    0,
  ],
  ['one test fails', report(false, file('failed', 'passed', 'failed')), '1 passed, 1 failed', 1],
  [
    'a file breaks on import',
    report(false, file('failed'), file('passed', 'passed')),
    '1 passed, 1 failed',
    1,
  ],
  ['an error outside any test', report(false, file('passed', 'passed')), '1 passed, 1 failed', 1],
  ['the tests were never reached', '', '0 passed, 1 failed', 1],
])('%s: the closing line and the exit status say so', async (_, text, line, code) => {
  expect(await summaryOf(text)).toEqual({ line, code });
});
