import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';

import type { RunReport } from '../../src/lake/run/report.ts';
import { document, purchases } from '../support/cli.ts';
import { listing, testFolder } from '../support/folders.ts';
import { type Ended, start } from '../support/processes.ts';

vi.setConfig({ testTimeout: 240_000 });

const ROWS = 200_000;
/** Enough for the first pass over the rows to be under way. */
const INTO_THE_WORK_MS = 300;

test('Ctrl-C ends a run with 130 and SIGTERM with 143, nothing half-written is left, and the next run is right', async () => {
  const cwd = await testFolder();
  const out = join(cwd, 'lake/bronze');
  await purchases({ cwd }, 'generate', '--rows', String(ROWS), '--files', '2', '--out', out);

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const ended = await stopped(cwd, signal);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toMatch(/(Interrupted|Terminated): .*\nNothing half-written is visible/);
    const left = Object.keys(await listing(join(cwd, 'lake'), ['bronze/', '_lock/', '_runs/']));
    expect(left).toEqual([]);
  }

  const report = document(await purchases({ cwd }, 'run', '--json')) as RunReport;
  expect(report).toMatchObject({ seq: 1, objects: { added: 2 }, rows: { read: ROWS } });
  const { code, stdout } = await purchases({ cwd }, 'verify', '--json');
  expect({ code, stdout }).toMatchObject({ code: 0 });
});

async function stopped(cwd: string, signal: 'SIGINT' | 'SIGTERM'): Promise<Ended> {
  const run = start(cwd, 'run');
  await run.printed('Plan');
  await wait(INTO_THE_WORK_MS);
  run.kill(signal);
  return run.ended;
}
