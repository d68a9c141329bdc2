import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { mysqlMigrations } from './migrations.ts';
import { SAVED_QUERIES } from '../saved-queries.ts';
import { mysqlShape } from './shape.ts';
import { INSERT_ROWS, mysqlUpsert, READ_STATE } from './statements.ts';

/**
 * Statements that the parser does not support; LOAD DATA LOCAL is not supported either, but not in
 * this list.
 */
const UNSUPPORTED = /^\s*(?:PREPARE|EXECUTE|ALTER TABLE \w+\s+CONVERT) /;

const { migrations, ...keeping } = mysqlMigrations;
const statements = [
  ...Object.values(mysqlUpsert),
  ...Object.values(keeping),
  ...migrations.flatMap(({ sql }) => sql.split(/;\n/)),
  ...migrations.flatMap(({ sql }) =>
    [...sql.matchAll(/'(ALTER TABLE(?:[^']|'')+|CREATE INDEX(?:[^']|'')+)'/g)].map(
      ([, quoted = '']) => quoted.replaceAll("''", "'"),
    ),
  ),
  ...SAVED_QUERIES.map(({ sql }) => sql),
  INSERT_ROWS.replace('?', '(1, NULL, NULL, 1, NULL, NULL, NULL, NULL)'),
  READ_STATE,
  mysqlShape.facts,
]
  .map((statement) => statement.replaceAll(/\$\d/g, "'x'"))
  .filter((statement) => statement.trim() !== '' && !UNSUPPORTED.test(statement));

test('every statement conforms to the grammar of MySQL 8', () => {
  const file = (path: string): string =>
    fileURLToPath(new URL(`../../../${path}`, import.meta.url));
  const output = execFileSync(file('.venv/bin/python'), [file('test/servers/parse_mysql.py')], {
    input: JSON.stringify(statements),
    encoding: 'utf8',
  });
  const against = JSON.parse(output) as (string | null)[];
  expect(statements.length).toBeGreaterThan(35);
  expect(
    statements.flatMap((statement, at) =>
      against[at] === null ? [] : [`${against[at]}: ${statement}`],
    ),
  ).toEqual([]);
});
