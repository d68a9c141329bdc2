import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { csvRows } from '../../../lake/bronze/csv-rows.ts';
import { tokenised } from './csv-sql.ts';
import { loadTable } from '../relation.ts';
import { openSession } from '../session.ts';

const piece = fc.constantFrom(
  '"',
  '""',
  ';',
  ';',
  ';',
  '\n',
  '\r\n',
  '\r',
  'a',
  'b c',
  ' ',
  '\t',
  'é',
  '"x"',
);
const texts = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(''));

test('splits rows in the host as the SQL tokeniser does', async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'csv-sql-'));
  await using session = await openSession({
    memoryLimit: '200MB',
    scratch,
    signal: new AbortController().signal,
  });
  const samples = fc.sample(texts, { numRuns: 2_000, seed: 7 });
  const slices = await loadTable(
    session,
    'slices',
    { object_no: 'int', first_row: 'bigint', text: 'varchar' },
    samples.map((text, index) => ({ object_no: index, first_row: 1, text })),
  );
  const rows = await session.rows(
    `select object_no, raw, to_json(f) as fields from (${tokenised(slices, ';', 3)}) order by object_no, row_number`,
  );
  const bySql = rows.map(({ object_no, raw, fields }) => ({
    text: samples[Number(object_no)],
    raw,
    fields: fields === null || fields === undefined ? undefined : (JSON.parse(fields) as string[]),
  }));
  const byHost = samples.flatMap((text) =>
    [...csvRows(text, ';', 3)].map(({ raw, fields }) => ({ text, raw, fields })),
  );
  expect(byHost).toEqual(bySql);
  expect(byHost.filter(({ fields }) => fields !== undefined).length).toBeGreaterThan(100);
  await rm(scratch, { recursive: true, force: true });
});
