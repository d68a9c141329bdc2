import type { Command } from 'commander';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';

import { createProgram } from '../../src/cli/program.ts';
import { io, purchases } from '../support/cli.ts';
import { digests, listing, putBronze, testFolder } from '../support/folders.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** A program whose commands do nothing, and the one that a command line came to. */
function dry(): { program: Command; reached: () => string } {
  const { program, commands } = everyCommand();
  let name = '';
  for (const command of commands) command.action(() => void (name = pathOf(command)));
  return { program, reached: () => name };
}

function everyCommand(): { program: Command; commands: Command[] } {
  const program = createProgram(io({ cwd: '/' }, []), { code: 0 });
  const below = (command: Command): Command[] => [command, ...command.commands.flatMap(below)];
  return { program, commands: program.commands.flatMap(below) };
}

const pathOf = (command: Command): string =>
  command.parent?.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();

/** Command lines after `$ purchases`, without what a shell or a reader would take for itself. */
function examplesIn(help: string): string[][] {
  return [...help.matchAll(/^ +\$ purchases (.*)$/gm)].map(([, line = '']) => {
    const [words = ''] = line.split(/ {2,}| > /);
    return [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
  });
}

describe('help', () => {
  const names = everyCommand().commands.map(pathOf);

  test.each(names)(
    '%s --help shows examples, each of which is a command line of it',
    async (name) => {
      const { code, stdout, stderr } = await purchases({ cwd: '/' }, ...name.split(' '), '--help');
      expect([code, stderr]).toEqual([0, '']);
      const examples = examplesIn(stdout);
      expect(examples.length).toBeGreaterThan(1);
      for (const argv of examples) {
        const { program, reached } = dry();
        await program.parseAsync(argv, { from: 'user' });
        expect(reached()).toMatch(new RegExp(`^${name}`));
      }
    },
  );

  test('the main help lists every command below a heading, every exit status, and examples that run', async () => {
    const { code, stdout } = await purchases({ cwd: '/' }, '--help');
    expect(code).toBe(0);
    for (const name of names) expect(stdout).toMatch(new RegExp(`^  ${name.split(' ')[0]} `, 'm'));
    for (const heading of ['Run', 'Understand', 'Maintain', 'Set up', 'AWS'])
      expect(stdout).toMatch(new RegExp(`^${heading}:$`, 'm'));
    for (const status of [0, 1, 2, 3, 4, 5, 6, '130/143']) expect(stdout).toMatch(`${status} `);
    for (const argv of examplesIn(stdout))
      await expect(dry().program.parseAsync(argv, { from: 'user' })).resolves.toBeDefined();
  });
});

describe('wrong usage ends with 2 and says what was meant', () => {
  test.each([
    [['rum'], /unknown command 'rum'[^]*run/],
    [['run', '--jsn'], /unknown option '--jsn'[^]*--json/],
    [['run', '--top', 'many'], /--top[^]*whole number/],
    [['query'], /No query was given/],
    [['query', 'select 1', '--format', 'xml'], /table, csv, json, parquet/],
    [['generate', '--out', 'x'], /--rows/],
    [['plan', '--config', 'none.yaml'], /no file .*none\.yaml/],
    [['plan', '--time-zone', 'Sidney'], /--time-zone[^]*Sidney/],
    [['plan', '--warehouse', 'oracle://x'], /--warehouse[^]*pglite:/],
    [['fx', 'import', 'none.csv'], /none\.csv cannot be read/],
  ])('%j', async (argv, says) => {
    const { code, stdout, stderr } = await purchases({ cwd: await testFolder() }, ...argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(says);
  });

  test('all faults of a configuration are reported at once, each with its place and a suggestion', async () => {
    const cwd = await testFolder();
    const faulty = ['timeZon: Europe/London', 'sources:', '  - name: till', '    match: 7'];
    await writeFile(join(cwd, 'purchases.config.yaml'), `${faulty.join('\n')}\n`);
    const { code, stderr } = await purchases({ cwd }, 'plan');
    expect(code).toBe(2);
    expect(stderr).toMatch(/purchases\.config\.yaml:1[^]*timeZon[^]*timeZone/);
    expect(stderr).toMatch(/sources\[0\]\.match/);
  });
});

describe('rates', () => {
  test('a rates file that is not there fails the run and is named', async () => {
    const cwd = await testFolder();
    await mkdir(join(cwd, 'lake/bronze'), { recursive: true });
    const { code, stderr, stdout } = await purchases({ cwd }, 'plan', '--fx-rates', 'none.csv');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/RatesInvalid: .*none\.csv/);
  });

  test.each([
    ['run', '--fx-rates', 'rates.csv'],
    ['fx', 'import', 'rates.csv'],
  ])('rates that are no rates fail %s %s, and the row is named', async (...argv) => {
    const cwd = await testFolder();
    const rows = ['currency,rate_date,rate_aud', 'USD,2026-09-01,1.5', 'EUR,2026-09-01,-1.6'];
    await mkdir(join(cwd, 'lake/bronze'), { recursive: true });
    await writeFile(join(cwd, 'rates.csv'), rows.join('\n'));
    const { code, stderr, stdout } = await purchases({ cwd }, ...argv);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/RatesInvalid: [^]*rates\.csv[^]*3[^]*-1\.6/);
    expect(Object.keys(await listing(cwd, ['lake/_']))).toEqual(['rates.csv']);
  });
});

test('a link in bronze is skipped by name, and nothing is made of it', async () => {
  const cwd = await testFolder();
  await putBronze(join(cwd, 'lake'), '2026/10/01/good.csv', 'customer_id\n1\n');
  await symlink('/etc/hostname', join(cwd, 'lake/bronze/2026/10/01/outside.csv'));
  const { code, stdout, stderr } = await purchases({ cwd }, 'run');
  expect([code, stderr.includes('KeyRefused')]).toEqual([0, false]);
  expect(stdout).toMatch(
    /Skipped {2}1 .*\n.*2026\/10\/01\/outside\.csv: .*is not a regular file \(link/,
  );
  expect(stdout).toContain('Objects  1 added');
});

test('generate writes the same bytes for the same seed, and others for another', async () => {
  const cwd = await testFolder();
  const made = async (out: string, seed: string): Promise<unknown> => {
    await purchases(
      { cwd },
      'generate',
      '--rows',
      '1000',
      '--files',
      '2',
      '--seed',
      seed,
      '--out',
      out,
    );
    return digests(join(cwd, out));
  };
  const first = await made('a', '1');
  expect(await made('b', '1')).toEqual(first);
  expect(await made('c', '2')).not.toEqual(first);
});
