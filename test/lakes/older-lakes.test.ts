import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';

import type { Commit } from '../../src/lake/ledger/records.ts';
import { RULES_VERSION } from '../../src/lake/settings.ts';
import { type Answer, document, purchases } from '../support/cli.ts';
import { sharedFolder } from '../support/folders.ts';
import { rewriteCommit, rewriteFile } from '../support/rewrite-lake.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const at = sharedFolder();
const run = (...argv: string[]): Promise<Answer> => purchases({ cwd: at.folder }, ...argv);
const lake = (): string => join(at.folder, 'lake');

const WITHOUT_PRESENCE = 'select * exclude (has_name, has_email) from {file}';
/** A file's name covers the rules that built it. */
const olderKey = (key: string): string => key.replace('.parquet', '-older.parquet');

/** The lake as the current code builds it. */
let first: string;

/** Commands that only read a lake, `plan` and `erase --dry-run` among them. */
const READING = [
  ['verify'],
  ['plan'],
  ['plan', '--rows'],
  ['query', 'select count(*) from silver'],
  ['query', 'select * from commits'],
  ['explain', '1008', '--no-serving'],
  ['history', '1008'],
  ['quarantine'],
  ['erase', '1008', '--dry-run'],
  ['vacuum', '--dry-run'],
];

beforeAll(async () => {
  first = join(at.folder, 'first');
  document(await run('run', '--samples', '-q', '--json'));
  await cp(lake(), first, { recursive: true });
  // As rules version 2 wrote it: silver without two columns, files without a CRC-32, a commit
  // without its rules.
  await rewriteCommit(lake(), async ({ rules_version: _, ...commit }) => {
    const files = [];
    for (const file of commit.files)
      files.push(
        file.key.startsWith('silver/')
          ? await rewriteFile(lake(), file, WITHOUT_PRESENCE, olderKey(file.key))
          : file,
      );
    const older = (records: Commit['objects']['added']) =>
      records.map((record) => ({
        ...record,
        rules: '0'.repeat(32),
        silver: record.silver === null ? null : olderKey(record.silver),
      }));
    return { ...commit, files, objects: { ...commit.objects, added: older(commit.objects.added) } };
  });
  await rm(join(lake(), '_warehouse'), { recursive: true });
});

// The steps depend on each other: the lake of older rules is read, brought up to date, and then
// replaced by one of newer code.
test('every command that only reads works on a lake of older rules', async () => {
  for (const argv of READING.filter(([name]) => name !== 'verify')) {
    const { code, stderr } = await run(...argv);
    expect({ argv, code, stderr: code === 0 ? '' : stderr }).toEqual({ argv, code: 0, stderr: '' });
  }
});

test('verify reports the older rules, and finds nothing else wrong in the lake', async () => {
  const { code, stdout } = await run('verify');
  expect(code).toBe(3);
  expect(stdout).toContain(
    `written by rules version 3 or older; the current rules are version ${RULES_VERSION}`,
  );
  const { differences, rules_version, checked } = JSON.parse(
    (await run('verify', '--json')).stdout,
  ) as Record<string, Record<string, number>>;
  expect(rules_version).toEqual({ lake: null, now: RULES_VERSION });
  expect(differences?.['object']).toBe(checked?.['objects']);
  expect(Object.keys(differences ?? {}).toSorted()).toEqual(['object', 'serving_table']);
});

test('the next run reads every object again, and then the lake equals a rebuild', async () => {
  expect(document(await run('run', '-q', '--json'))).toMatchObject({
    objects: { remade: 9, unchanged: 0 },
  });
  expect((await run('verify')).stdout).toContain('Equal');
  const history = await run('history', '1008');
  expect([history.code, history.stdout]).toEqual([0, expect.stringContaining('seq 1')]);
});

test.each([
  ['later rules', { rules_version: RULES_VERSION + 1 }, `rules version ${RULES_VERSION + 1}`],
  ['a later format', { format: 2 }, 'format 2'],
])('a lake of %s is refused by name by every command', async (_, newer, message) => {
  await rm(lake(), { recursive: true });
  await cp(first, lake(), { recursive: true });
  await rewriteCommit(lake(), (commit) => ({ ...commit, ...newer }));
  for (const argv of [...READING, ['run', '-q'], ['repair'], ['rebuild', '-q']]) {
    const { code, stderr } = await run(...argv);
    expect({ argv, code, stderr }).toEqual({
      argv,
      code: 1,
      stderr: expect.stringMatching(
        new RegExp(`LakeTooNew: .*made by a newer version.*${message}[^]*Upgrade`),
      ),
    });
  }
});
