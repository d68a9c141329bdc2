import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { StackShape } from '../../cdk/props.ts';
import { createProgram } from '../../src/cli/program.ts';
import { io } from '../support/cli.ts';

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const read = (path: string): string => readFileSync(file(path), 'utf8');

test('the table of choices matches the options of the code', () => {
  const wanted = Object.entries(StackShape.shape).map(([name, shape]) => {
    const { data } = shape.safeParse(undefined);
    const value = data === undefined ? '' : `\`${JSON.stringify(data)}\``;
    return `| \`${name}\` | ${value} | ${shape.description} |`;
  });
  const rows = read('docs/aws.md')
    .split('\n')
    .filter((line) => /^\| `[a-zA-Z]+` \| (?:`|\|| )/.test(line));
  expect(rows).toEqual(wanted);
});

test('every file of the stack that the page names exists', () => {
  const names = [...read('docs/aws.md').matchAll(/^\| ((?:`[\w/-]+\.ts`(?:, )?)+) \|/gm)].flatMap(
    ([, cell = '']) => [...cell.matchAll(/`([\w/-]+\.ts)`/g)].map(([, name]) => name),
  );
  expect(names.length).toBeGreaterThan(8);
  expect(names.filter((name) => !existsSync(file(`cdk/${name}`)))).toEqual([]);
});

test.each(['docs/aws.md', 'docs/runbook.md', 'docs/first-deploy.md'])(
  'the commands of this package that %s names are there, with their flags',
  (page) => {
    const program = createProgram(io({ cwd: '/' }, []), { code: 0 });
    const lines = [...read(page).matchAll(/(?:main\.ts|`purchases) (\w+)((?: [^\n`#]+)?)/g)].map(
      ([, name = '', rest = '']) => ({
        name,
        flags: [...rest.matchAll(/ (--[\w-]+)/g)].map(([, flag = '']) => flag),
      }),
    );
    expect(lines.length).toBeGreaterThan(0);
    for (const { name, flags } of lines) {
      const command = program.commands.find((each) => each.name() === name);
      const known = [command, ...(command?.commands ?? [])].flatMap(
        (each) => each?.options.map(({ long }) => long) ?? [],
      );
      expect({ name, unknown: flags.filter((flag) => !known.includes(flag)) }).toEqual({
        name,
        unknown: [],
      });
      expect(command?.name()).toBe(name);
    }
  },
);
