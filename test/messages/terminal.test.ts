import fc from 'fast-check';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeAll, describe, expect, test, vi } from 'vitest';

import { askLine } from '../../src/cli/terminal/confirm.ts';
import { coloursFor } from '../../src/cli/terminal/colours.ts';
import { guarded, printable } from '../../src/cli/terminal/terminal.ts';
import { Interrupted } from '../../src/errors.ts';
import { io, purchases } from '../support/cli.ts';
import { putBronze, sharedFolder, testFolder } from '../support/folders.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

/**
 * What no terminal may be sent: controls apart from line feed and tab, separators, marks of
 * direction.
 */
const OBEYED =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const ATTACKS = [
  '\u001b[2J',
  '\u001b]0;TITLE\u0007',
  '\u001b[31m',
  '\u009b31m',
  '\u202egnp.exe',
  '\u2066x\u2069',
  '\u007f\b\b',
  '\rPurchasesError: fine',
  '\u2028',
  '\u0085',
];
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...ATTACKS), fc.string({ unit: 'binary', maxLength: 3 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join('').replaceAll(/\0|\p{Surrogate}/gu, ''));
/** As a name of a file: no separator, and not one of the two folders. */
const fileName = hostile.map((text) => `x${text.replaceAll(/[/\\\r\n]/g, '')}.csv`.slice(0, 60));

const HEADER = 'customer_id,first_name,last_name,email,purchase_id,purchase_date,amount,currency';
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const quiet = { NO_COLOR: '1' };

async function obeyedIn(cwd: string, ...argv: string[]): Promise<string[]> {
  const { stdout, stderr } = await purchases({ cwd, env: quiet }, ...argv);
  return [stdout, stderr]
    .filter((text) => OBEYED.test(text))
    .map((text) => JSON.stringify([argv, text]));
}

describe('the guard of the streams', () => {
  test('lets line feeds, tabs and its own colours pass, and shows every other control', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const { env, stderr } = io({ cwd: '/', env: { FORCE_COLOR: '1' } }, []);
        const stream = guarded(stderr);
        const { red } = coloursFor({ env }, stream);
        stream.write(red(text));
        const written = (stderr as unknown as { bytes(): Buffer }).bytes().toString();
        expect(written.startsWith('\u001b[31m')).toBe(true);
        expect(written.endsWith('\u001b[39m')).toBe(true);
        expect(OBEYED.test(written.slice(5, -5))).toBe(false);
        expect(OBEYED.test(printable(text)) || /[\n\t]/.test(printable(text))).toBe(false);
      }),
    );
  });

  test('what it shows of a JSON document is the same document', () => {
    fc.assert(
      fc.property(fc.jsonValue(), hostile, (value, text) => {
        const { stdout } = io({ cwd: '/' }, []);
        const document = { value, text };
        guarded(stdout).write(JSON.stringify(document));
        const written = (stdout as unknown as { bytes(): Buffer }).bytes().toString();
        expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(document)));
      }),
    );
  });
});

describe('a prompt', () => {
  const asked = (typed: string | undefined, question = 'Type x: ') => {
    const input = new PassThrough();
    const output = io({ cwd: '/' }, []);
    const answer = askLine(output, input, question, new AbortController().signal);
    if (typed === undefined) input.end();
    else input.write(typed);
    return { answer, shown: () => (output.stderr as unknown as { bytes(): Buffer }).bytes() };
  };

  test('ends with Interrupted on Ctrl-C, and without an answer at the end of input', async () => {
    await expect(asked('\u0003').answer).rejects.toThrow(Interrupted);
    await expect(asked(undefined).answer).resolves.toBeUndefined();
    await expect(asked('yes\n').answer).resolves.toBe('yes');
  });

  test('shows the control characters of what it asks about', async () => {
    const { answer, shown } = asked('yes\n', 'The column \u001b]0;T\u0007\u009b31m\nis > ');
    await answer;
    expect(shown().toString()).toContain('The column \\u001b]0;T\\u0007\\u009b31m');
  });
});

describe('nothing that others wrote is obeyed by a terminal', () => {
  const at = sharedFolder();

  beforeAll(async () => {
    const lake = join(at.folder, 'lake');
    const raw = `7,"\u001b]0;T\u0007\u001b[2J","\u009b31m\u202e",a@b.c,p1,2026-01-05`;
    const rows = [
      HEADER,
      `${raw},abc,AUD`,
      `${raw.replace('p1', '"\u001b[31mp2"')},10,AUD`,
      `${raw.replace('p1', 'p3').replace('7', '8')},1,"\u001b[41mX"`,
    ];
    await putBronze(lake, '2026-01-05/f\u009b31m\u202e.csv', `${rows.join('\n')}\n`);
    await putBronze(lake, '2026-01-05/whole\u2066.csv', '\u001b[31mno,\u009bcolumns\nx,y\n');
    await putBronze(lake, '2026-01-05/odd\u009b.docx', 'x');
    await purchases({ cwd: at.folder }, 'run', '--quiet');
  });

  test.each<string[]>([
    ['run'],
    ['plan'],
    ['plan', '--rows', '--time-zone', 'Europe/London'],
    ['query', 'select * from silver'],
    ['query', 'select * from gold'],
    ['query', 'select * from objects'],
    ['query', 'select cast(raw as int) from quarantine'],
    ['query', 'select * from customer_purchase_summary', '--warehouse-db'],
    ['query', 'select full_name::int from customer_purchase_summary', '--warehouse-db'],
    ['query', 'select * from silver', '--json'],
    ['explain', '7'],
    ['explain', '8'],
    ['explain', '7', '--json'],
    ['history', '7'],
    ['quarantine'],
    ['quarantine', '--json'],
    ['verify'],
    ['vacuum', '--dry-run'],
    ['erase', '7', '--dry-run'],
    ['erase', '7'],
    ['repair'],
    ['adopt'],
    ['migrate', '--dry-run'],
  ])('%j', async (...argv) => {
    expect(await obeyedIn(at.folder, ...argv)).toEqual([]);
  });

  test('csv into a pipe stays exact', async () => {
    const sql = "select chr(155) || '31m' || chr(8238) as x";
    const { bytes } = await purchases({ cwd: at.folder }, 'query', sql, '--format', 'csv');
    expect(bytes.toString()).toContain('\u009b31m\u202e');
  });

  test('random arguments, of every command', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        for (const argv of [
          [text],
          ['run', text],
          ['run', `--${text}`],
          ['run', '--top', text],
          ['query', text],
          ['query', 'select 1', '--format', text],
          ['query', 'select 1', '--as-of', text],
          ['query', '--saved', text],
          ['explain', text],
          ['history', text],
          ['quarantine', '--reason', text],
          ['quarantine', '--object', text],
          ['plan', '--lake', text],
          ['plan', '--config', text],
          ['plan', '--time-zone', text],
          ['plan', '--fx-rates', text],
          ['plan', '--warehouse', text],
          ['fx', 'import', text],
          ['init', text],
          ['init', '--preset', text, 'x.csv'],
          ['cost', '--rows-per-day', '1', '--database-class', text],
          ['generate', '--rows', text, '--out', 'x'],
        ])
          expect(await obeyedIn(at.folder, ...argv)).toEqual([]);
      }),
      { numRuns: 3 },
    );
  });

  test('random names of files and columns, values, configurations and rates', async () => {
    await fc.assert(
      fc.asyncProperty(fileName, hostile, async (name, text) => {
        const cwd = await testFolder();
        const rows = [`${HEADER},${quoted(text)}`, `${quoted(text)},A,B,,p1,2026-01-05,10,AUD,x`];
        const csv = `${rows.join('\n')}\n`;
        await mkdir(join(cwd, 'lake/bronze'), { recursive: true });
        await writeFile(join(cwd, 'lake/bronze', name), csv);
        await writeFile(join(cwd, name), csv);
        await writeFile(
          join(cwd, 'rates.csv'),
          `currency,rate_date,rate_aud\n${quoted(text)},x,y\n`,
        );
        await writeFile(join(cwd, 'bad.yaml'), `timeZone: ${text}\n${text}: [\n`);
        const source = { name: text, match: text, fields: { [text]: text, amount: text } };
        await writeFile(join(cwd, 'bad.json'), JSON.stringify({ [text]: 1, sources: [source] }));
        for (const argv of [
          ['plan'],
          ['plan', '--rows'],
          ['run'],
          ['quarantine'],
          ['fx', 'import', 'rates.csv'],
          ['fx', 'import', name],
          ['plan', '--config', 'bad.yaml'],
          ['plan', '--config', 'bad.json'],
          ['init', name, '--dry-run'],
          ['init', name, '--dry-run', '--map', `amount=${text}`],
        ])
          expect(await obeyedIn(cwd, ...argv)).toEqual([]);
      }),
      { numRuns: 3 },
    );
  });
});
