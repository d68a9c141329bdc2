import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test, vi } from 'vitest';

import { purchases } from '../support/cli.ts';
import { putBronze, sharedFolder, testFolder } from '../support/folders.ts';
import { startIn } from '../support/processes.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const COMMAND = fileURLToPath(new URL('../../dist/purchases.js', import.meta.url));
const at = sharedFolder();
let temporary = '';

beforeAll(async () => {
  const csv =
    'customer_id,first_name,last_name,email,purchase_id,purchase_date,amount,currency\n1,A,B,,p1,2026-01-05,10,AUD\n';
  await putBronze(join(at.folder, 'lake'), '2026-01-05/a.csv', csv);
  temporary = join(at.folder, 'tmp');
  await mkdir(temporary);
  await purchases({ cwd: at.folder }, 'run', '--quiet');
});

/** Work that lasts for minutes unless it is stopped. */
const ENDLESS = 'select count(*) from range(100000000000) a(x) where x * x % 7 = 3';

describe.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s', (signal, code) => {
  test.each([
    ['query', ENDLESS],
    ['query', ENDLESS, '--format', 'csv'],
    ['generate', '--rows', '900000000', '--out', 'big/bronze'],
    ['watch', '--every', '100'],
  ])(`ends %s with its status, and leaves no folder behind`, async (...argv) => {
    const run = startIn({ cwd: at.folder, env: { TMPDIR: temporary } }, ...argv);
    await wait(4_000);
    run.kill(signal);
    const ended = await run.ended;
    // A watch that is asked once has done all that it was asked for.
    expect(ended).toMatchObject({ code: argv[0] === 'watch' ? 0 : code });
    expect(ended.stderr).not.toMatch(/Internal error|QueryRefused/);
    expect(await readdir(temporary)).toEqual([]);
    const left = await readdir(at.folder, { recursive: true });
    expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([]);
    await rm(join(at.folder, 'big'), { recursive: true, force: true });
  });
});

test('a reader that has gone ends a command quietly, with 0', async () => {
  const sql = 'select * from range(3000000)';
  for (const format of ['csv', 'json', 'table']) {
    const child = spawn(process.execPath, [COMMAND, 'query', sql, '--format', format], {
      cwd: at.folder,
      env: { PATH: process.env['PATH'], TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = (await once(child, 'close')) as [number];
    expect({ format, code }).toEqual({ format, code: 0 });
    expect(said.replace(/^Showing the first 1000 of .*\n/, '')).toBe('');
  }
  expect(await readdir(temporary)).toEqual([]);
});

test('a folder that is gone, no home and a closed standard output are no riddle', async () => {
  const script = (text: string) =>
    spawn('sh', ['-c', text], {
      env: { PATH: process.env['PATH'], LANG: 'C', CI: 'true', NODE: process.execPath, COMMAND },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const ended = async (text: string): Promise<{ code: number; stderr: string }> => {
    const child = script(text);
    let stderr = '';
    child.stdout.resume();
    child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
    const [code] = (await once(child, 'close')) as [number];
    return { code, stderr };
  };
  const gone = join(await testFolder(), 'gone');
  const lake = join(at.folder, 'lake');
  const deleted = await ended(
    `mkdir '${gone}'; cd '${gone}'; rmdir '${gone}'; "$NODE" "$COMMAND" plan --lake '${lake}'`,
  );
  expect(deleted.code).toBe(2);
  expect(deleted.stderr).toMatch(/^UsageError: The current folder no longer exists/);
  expect(await ended(`cd '${at.folder}'; "$NODE" "$COMMAND" query 'select 1' >&-`)).toEqual({
    code: 0,
    stderr: '',
  });
  expect((await ended(`cd '${at.folder}'; "$NODE" "$COMMAND" plan 2>&-`)).code).toBe(0);
});
