import { chmod, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';

import type { LakePlan } from '../../src/cli/run/plan-lake.ts';
import type { RunReport } from '../../src/lake/run/report.ts';
import type { Verification } from '../../src/lake/audit/findings.ts';
import { type Answer, document, purchases } from '../support/cli.ts';
import { putBronze, testFolder } from '../support/folders.ts';
import { asOrdinaryUser, ofOrdinaryUser } from '../support/ordinary-user.ts';

vi.setConfig({ testTimeout: 300_000 });

const HEAD = 'customer_id,first_name,last_name,email,purchase_id,purchase_date,amount,currency';
const csv = (id: number): string => `${HEAD}\n${id},Ann,Lee,,p${id},2026-01-05,${id}0,AUD\n`;
const TOTALS = 'select customer_id, total_spent_aud from gold order by customer_id';

/** A lake of two objects, one in a folder, after one run. */
async function builtLake() {
  const cwd = await testFolder();
  const lake = join(cwd, 'lake');
  const bronze = join(lake, 'bronze');
  const command = (...argv: string[]): Promise<Answer> => purchases({ cwd }, ...argv);
  await putBronze(lake, '2026-01-05/a.csv', csv(1));
  await putBronze(lake, 'folder/2026-01-05/b.csv', csv(2));
  document(await command('run', '--json'));
  return {
    bronze,
    lake,
    command,
    json: async (...argv: string[]): Promise<unknown> => document(await command(...argv, '--json')),
    totals: async (): Promise<string[]> => {
      const rows = document(await command('query', TOTALS, '--json')) as Record<string, string>[];
      return rows.map((row) => Object.values(row).join(' '));
    },
  };
}

test('files that cannot be objects are listed with the reason by plan, run and verify, and the others are read', async () => {
  const { bronze, lake, command, json, totals } = await builtLake();
  await symlink('/etc/hostname', join(bronze, 'link.csv'));
  await writeFile(join(bronze, 'back\\slash.csv'), csv(8));
  await writeFile(join(bronze, 'esc\u001b[31m.csv'), csv(9));
  await putBronze(lake, '2026-01-05/c.csv', csv(3));
  const expected = [
    ['back\\slash.csv', 'name_refused'],
    ['esc\u001b[31m.csv', 'name_refused'],
    ['link.csv', 'not_a_file'],
  ];
  const shown = (skipped: { key: string; reason: string }[] | undefined) =>
    skipped?.map(({ key, reason }) => [key, reason]);
  expect(shown(((await json('plan')) as LakePlan).skipped)).toEqual(expected);
  const plan = await command('plan');
  expect(plan.stdout).toMatch(
    /Skipped {2}3 entries of bronze[^]*esc\\u001b\[31m\.csv: .*Rename it\./,
  );
  expect(plan.stdout).not.toContain('\u001b[31m');
  const run = await command('run');
  expect([run.code, run.stdout]).toEqual([0, expect.stringContaining('link.csv: ')]);
  expect(await totals()).toEqual(['1 10.00', '2 20.00', '3 30.00']);
  // A run that finds nothing to do lists them too.
  const idle = (await json('run')) as RunReport;
  expect(idle.objects).toMatchObject({ added: 0, unchanged: 3, skipped: 3 });
  expect(shown(idle.skipped)).toEqual(expected);
  const verified = (await json('verify')) as Verification;
  expect([verified.equal, shown(verified.skipped)]).toEqual([true, expected]);
  expect((await command('explain', '3')).stdout).toContain('c.csv');
  const erased = document(await command('erase', '3', '--yes', '--json')) as {
    not_searched: string[];
  };
  expect(erased.not_searched).toEqual(expected.map(([key]) => key));
  expect(((await json('rebuild')) as RunReport).objects).toMatchObject({ remade: 3, skipped: 3 });
});

test('a folder that is replaced by a link keeps its rows until the operator decides, and nothing is erased from it', async () => {
  const { bronze, command, json, totals } = await builtLake();
  await rename(join(bronze, 'folder'), join(bronze, '../elsewhere'));
  await symlink('../elsewhere', join(bronze, 'folder'));
  const report = (await json('run')) as RunReport;
  expect(report.objects).toMatchObject({ removed: 0, unchanged: 2, skipped: 1 });
  await json('rebuild');
  expect(await totals()).toEqual(['1 10.00', '2 20.00']);
  const verified = await command('verify');
  expect(verified.code).toBe(3);
  expect(verified.stdout).toContain('can no longer be read');
  const erased = await command('erase', '2', '--yes');
  expect([erased.code, erased.stderr]).toEqual([1, expect.stringContaining('cannot be read')]);
  expect(await totals()).toEqual(['1 10.00', '2 20.00']);
  await rm(join(bronze, 'folder'));
  expect(((await json('run')) as RunReport).objects).toMatchObject({ removed: 1 });
  expect(await totals()).toEqual(['1 10.00']);
});

test('an unreadable file or folder affects only its own rows, which return once it is readable', async () => {
  const { bronze, lake, command, json, totals } = await builtLake();
  await putBronze(lake, '2026-01-05/c.csv', csv(3));
  await putBronze(lake, '2026-01-05/secret.csv', csv(4));
  await chmod(join(bronze, '2026-01-05/secret.csv'), 0o000);
  await chmod(join(bronze, 'folder'), 0o000);
  await ofOrdinaryUser(dirname(lake));
  const run = await asOrdinaryUser(() => command('run', '--json'));
  await chmod(join(bronze, 'folder'), 0o755);
  const report = document(run) as RunReport;
  expect(report).toMatchObject({
    objects: { added: 2, removed: 0, quarantined: 1, skipped: 1 },
    reasons: { file_unreadable: 1 },
    skipped: [{ key: 'folder/', reason: 'not_readable' }],
  });
  expect(await totals()).toEqual(['1 10.00', '2 20.00', '3 30.00']);
  await chmod(join(bronze, '2026-01-05/secret.csv'), 0o644);
  expect(((await json('run')) as RunReport).objects).toMatchObject({ removed: 0, quarantined: 0 });
  expect(await totals()).toEqual(['1 10.00', '2 20.00', '3 30.00', '4 40.00']);
  expect((await command('verify')).code).toBe(0);
});
