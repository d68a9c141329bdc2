import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Edit, bundleWith } from '../support/planting.ts';

vi.setConfig({ testTimeout: 60_000 });

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HEADER = 'customer_id,purchase_id,purchase_date,amount,currency\n';
const FILES = {
  'shop/2026/01/29/whole.csv': `${HEADER}1,a,2026-01-28,1,AUD\n`,
  'shop/2026/01/30/short.csv': `${HEADER}1,b,2026-01-28,1,AUD\n2,c,2026-01-28,2,AUD\n3,d,2026-01-28,none,AUD\n`,
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lost-row-'));
  for (const name of ['node_modules', 'package.json', 'data', 'dist'])
    await symlink(join(ROOT, name), join(folder, name));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The command line with a planted fault, run over the files in a process of its own. */
async function run(name: string, edits: readonly Edit[]) {
  const outfile = join(folder, `${name}.mjs`);
  await bundleWith(edits, 'src/cli/main.ts', outfile);
  const lake = join(folder, name);
  for (const [key, content] of Object.entries(FILES)) {
    await mkdir(dirname(join(lake, 'bronze', key)), { recursive: true });
    await writeFile(join(lake, 'bronze', key), content);
  }
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, [outfile, 'run', '--lake', lake], (error, _, text) => {
      resolve({ code: error === null ? 0 : error.code, stderr: text });
    });
  });
  return { code, stderr, commits: await readdir(join(lake, '_ledger')).catch(() => []) };
}

test('without a lost row the run succeeds', async () => {
  expect(await run('none', [])).toMatchObject({ code: 0 });
});

test.each<{ name: string; edit: Edit; message: string }>([
  {
    name: 'good-row',
    edit: {
      file: 'medallion/bronze-to-silver.ts',
      from: "j where reasons = ''",
      to: "j where reasons = '' and row_number <> 2",
    },
    message:
      'Rows of shop/2026/01/30/short.csv were lost: 3 were read, 1 accepted and 1 quarantined.',
  },
  {
    name: 'refused-row',
    edit: {
      file: 'medallion/bronze-to-silver.ts',
      from: "j where reasons <> ''",
      to: "j where reasons <> '' and row_number <> 3",
    },
    message:
      'Rows of shop/2026/01/30/short.csv were lost: 3 were read, 2 accepted and 0 quarantined.',
  },
  {
    name: 'read-row',
    edit: {
      file: 'engines/duckdb/bronze/csv-sql.ts',
      from: "where case when raw >= '!' then true",
      to: "where case when raw like '2,c%' then false when raw >= '!' then true",
    },
    message:
      'Rows of shop/2026/01/30/short.csv were lost: 3 were read, 1 accepted and 1 quarantined.',
  },
  {
    name: 'version',
    edit: {
      file: 'medallion/gold/versions.ts',
      from: 'from (${versions}) f group by',
      to: "from (${versions}) f where object_key not like '%short%' group by",
    },
    message: 'Rows of shop/2026/01/30/short.csv do not add up: 3 were read, but 0 accepted',
  },
  {
    name: 'row-twice',
    edit: {
      file: 'medallion/gold/versions.ts',
      from: 'cast(sum(lines) as bigint)',
      to: 'cast(2 * sum(lines) as bigint)',
    },
    message: 'do not add up',
  },
])(
  'a planted fault ($name) stops the run with 1 before it commits, and the object is named',
  async ({ name, edit, message }) => {
    const { code, stderr, commits } = await run(name, [edit]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining(message) as string,
    });
    expect(stderr).toContain('ConservationViolated');
    expect(commits).toEqual([]);
  },
);
