import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { lockDatabase } from '../../src/stores/filesystem/lock.ts';
import { type Answer, document, purchases } from '../support/cli.ts';
import { digests, putBronze, testFolder } from '../support/folders.ts';
import { startIn } from '../support/processes.ts';

vi.setConfig({ testTimeout: 600_000 });

const HEADER = 'customer_id,first_name,last_name,email,purchase_id,purchase_date,amount,currency';
const day = (n: number, ...rows: string[]): [string, string] => [
  `2026-01-0${n}/${n}.csv`,
  [HEADER, ...rows, ''].join('\n'),
];

/** Lakes in one folder that name one embedded database. */
async function lakes() {
  const cwd = await testFolder();
  const env = { PURCHASES_WAREHOUSE: 'pglite:./wh' };
  const on = (lake: string, command: string, ...more: string[]): Promise<Answer> =>
    purchases({ cwd, env }, command, ...more, '--lake', lake);
  return {
    cwd,
    env,
    on,
    put: (lake: string, [key, text]: [string, string]) => putBronze(join(cwd, lake), key, text),
    copy: (from: string, to: string) =>
      cp(join(cwd, from), join(cwd, to), { recursive: true, preserveTimestamps: true }),
    async table(): Promise<unknown> {
      const sql = 'select customer_id, total_spent_aud from customer_purchase_summary order by 1';
      const rows = document(await on('prod', 'query', sql, '--warehouse-db', '--json'));
      return (rows as { customer_id: string; total_spent_aud: string }[]).map((row) =>
        Object.values(row).join(' '),
      );
    },
    async lakeId(): Promise<string> {
      const commit = await readFile(join(cwd, 'prod/_ledger/commits/000000000001.json'), 'utf8');
      return /"lake":"([^"]+)"/.exec(commit)?.[1] ?? '';
    },
  };
}

const START = day(5, '1,A,B,a@example.com,p1,2026-01-05,10,AUD', '2,C,D,,p2,2026-01-05,20,AUD');
const MORE = day(6, '3,E,F,,p3,2026-01-06,1000,AUD');
const TABLE = ['1 10.00', '2 20.00', '3 1000.00'];
const refused = { code: 1, stderr: expect.stringContaining('WarehouseForeign') };

test('a copy of a lake, or an old backup, cannot take the table over by run, erase, repair, rebuild or adopt', async () => {
  const { cwd, on, put, copy, table, lakeId } = await lakes();
  await put('prod', START);
  document(await on('prod', 'run', '--json', '-q'));
  await copy('prod', 'trial');
  await put('prod', MORE);
  document(await on('prod', 'run', '--json', '-q'));
  const lake = await lakeId();

  const before = await digests(join(cwd, 'trial/bronze'));
  const ledger = await digests(join(cwd, 'trial/_ledger'));
  for (const [command, ...flags] of [['erase', '1', '--yes'], ['repair']] as const) {
    const answer = await on('trial', command, ...flags);
    expect(answer, command).toMatchObject(refused);
    expect(answer.stderr).toContain(`is at seq 2, but this lake's ledger ends at 1 (lake ${lake}`);
    expect(answer.stderr).toContain(`purchases repair --yes-take-over ${lake}`);
    expect(await digests(join(cwd, 'trial/bronze'))).toEqual(before);
    expect(await digests(join(cwd, 'trial/_ledger'))).toEqual(ledger);
  }
  // These build the copy's own gold first, which affects only the copy.
  for (const [command, ...flags] of [
    ['run', '-q'],
    ['adopt', '--yes'],
    ['rebuild', '-q'],
  ] as const)
    expect(await on('trial', command, ...flags), command).toMatchObject(refused);
  expect(await on('trial', 'adopt')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`purchases adopt --yes-take-over ${lake}`),
  });
  // Now both have their own seq 2.
  expect((await on('trial', 'erase', '1', '--yes')).stderr).toContain('does not know');
  expect(await digests(join(cwd, 'trial/bronze'))).toEqual(before);
  expect(await table()).toEqual(TABLE);
  expect(await on('prod', 'run', '-q')).toMatchObject({ code: 0 });

  expect(await on('trial', 'repair', '--yes-take-over', 'another')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`does not belong to lake another: it belongs to lake ${lake}`),
  });
  expect(await table()).toEqual(TABLE);
  document(await on('trial', 'repair', '--json', '--yes-take-over', lake));
  expect(await table()).toEqual(TABLE.slice(0, 2));
  expect(await on('prod', 'run', '-q')).toMatchObject(refused);
});

test('a second lake on one embedded database is refused, until its table is released by name', async () => {
  const { on, put, table, lakeId } = await lakes();
  await put('prod', START);
  await put('other', MORE);
  document(await on('prod', 'run', '--json', '-q'));
  for (const command of ['run', 'repair', 'rebuild'])
    expect(await on('other', command)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('belongs to another lake'),
    });
  expect(await on('other', 'adopt', '--yes')).toMatchObject(refused);
  expect(await table()).toEqual(TABLE.slice(0, 2));
  document(await on('other', 'adopt', '--json', '--yes-take-over', await lakeId()));
  expect(await table()).toEqual(['3 1000.00']);
});

test('every command that opens an embedded database in use names the process that has it open', async () => {
  const { cwd, on, put } = await lakes();
  await put('prod', START);
  document(await on('prod', 'run', '--json', '-q'));
  await put('other', MORE);
  const options = { command: 'purchases watch', now: new Date() };
  const lock = await lockDatabase(join(cwd, 'wh'), options);
  for (const [lake, command, ...flags] of [
    ['prod', 'run', '-q'],
    ['other', 'run', '-q'],
    ['prod', 'verify'],
    ['prod', 'repair'],
    ['prod', 'adopt', '--yes'],
    ['prod', 'migrate'],
    ['prod', 'erase', '1', '--yes'],
    ['prod', 'query', 'select 1', '--warehouse-db'],
  ] as const)
    expect(await on(lake, command, ...flags), command).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(
        new RegExp(
          `LakeBusy.*serving database .*wh is held by process ${process.pid} \\(purchases watch`,
        ),
      ),
    });
  await lock.release();
  expect(await on('prod', 'verify')).toMatchObject({ code: 0 });
});

test('two lakes that run at once on one embedded database leave it equal to one of them', async () => {
  const { cwd, env, on, put, copy } = await lakes();
  const rows = (from: number): string[] =>
    Array.from({ length: 2000 }, (_, i) => `${from + i},A,B,,p${from + i},2026-01-06,${i + 1},AUD`);
  await put('prod', START);
  document(await on('prod', 'run', '--json', '-q'));
  await copy('prod', 'copy');
  await put('prod', day(6, ...rows(1000)));
  await put('copy', day(7, ...rows(9000)));
  const both = ['prod', 'copy'].map((lake) =>
    startIn({ cwd, env }, 'run', '-q', '--json', '--lake', lake),
  );
  const ended = await Promise.all(both.map((one) => one.ended));
  const failed = ended.filter(({ code }) => code !== 0).map(({ stderr }) => stderr);
  expect(failed.filter((stderr) => !/LakeBusy|WarehouseForeign/.test(stderr))).toEqual([]);
  // One had to wait: the first to come now owns the table.
  for (const lake of ['prod', 'copy']) await on(lake, 'run', '-q');
  const verified = [await on('prod', 'verify'), await on('copy', 'verify')];
  expect(verified.map(({ code }) => code).toSorted((a, b) => a - b)).toEqual([0, 3]);
});
