import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Workspace } from '../../../lake/ports/engine.ts';
import { fastPathSource, HEADER } from '../../../../test/support/fast-path-lines.ts';
import type { Source } from '../../../medallion/source.ts';
import { folderStore } from '../../../stores/filesystem/filesystem.ts';
import { duckdbEngine } from '../engine.ts';
import { parquet } from '../files.ts';
import { writeParquet } from '../parquet.ts';
import { knownCurrencies, lackedOlderRates, recentRates, recentRatesOnce } from './rates.ts';
import { openSession, type Session } from '../session.ts';

let folder: string;
let workspace: Workspace;
let rates: { path: string; digest: string; maxAgeDays: number };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rates-'));
  const path = join(folder, 'rates.csv');
  await writeFile(
    path,
    `currency,rate_date,rate_aud
EUR,2020-12-30,1.600000000000
USD,2010-03-05,1.100000000000
USD,2020-12-20,1.300000000000
USD,2026-01-02,1.500000000000
`,
  );
  rates = { path, digest: 'rates', maxAgeDays: 7 };
  workspace = {
    store: folderStore(folder),
    scratch: join(folder, '_scratch'),
    signal: new AbortController().signal,
    onProgress() {},
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('several sessions have the same rates, and only one reads the file', async () => {
  await mkdir(workspace.scratch, { recursive: true });
  const ready = recentRatesOnce(rates, '2026-04-10', workspace.scratch);
  const tables = await Promise.all(
    ['one', 'two', 'three'].map(async (name) => {
      const scratch = join(workspace.scratch, name);
      await using session = await openSession({ ...workspace, memoryLimit: '300MB', scratch });
      await ready(session);
      return [
        await session.rows('from rates_by_day order by all'),
        await session.rows(`select cast(getvariable('rates_since') as varchar) as since`),
        await knownCurrencies(session),
      ];
    }),
  );
  expect(tables[0]?.[0]).toHaveLength(16);
  expect(tables[0]?.slice(1)).toEqual([[{ since: '2021-01-01' }], ['AUD', 'EUR', 'USD']]);
  expect(tables[1]).toEqual(tables[0]);
  expect(tables[2]).toEqual(tables[0]);
});

const days = async (session: Session): Promise<unknown> =>
  (await session.rows('select count(*) as n from rates_by_day'))[0]?.['n'];

test.each([
  ['recent', '2021-01-01', false, '16'],
  ['older, on a day without a rate', '2015-01-01', false, '32'],
  ['older, on a day with a rate', '2010-03-07', true, '32'],
])(
  'reports missing older rates for a rejected purchase that is %s',
  async (_what, purchaseDate, lacked, daysKnown) => {
    await using session = await openSession({ memoryLimit: '300MB', ...workspace });
    await recentRates(session, rates, '2026-04-10');
    // From 25 December 2020 on: eight days of the EUR rate and eight of the newest USD rate.
    const file = join(workspace.scratch, 'rejected.parquet');
    await writeParquet(
      session,
      `select 'USD' as currency, date '${purchaseDate}' as purchase_date, cast(null as decimal(18,12)) as rate`,
      file,
    );
    expect(await lackedOlderRates(session, rates, [file])).toBe(lacked);
    expect(await days(session)).toBe(daysKnown);
    // A later batch, with all rates in the table.
    expect(await lackedOlderRates(session, rates, [file])).toBe(false);
  },
);

const line = (id: string, date: string, currency: string): string =>
  HEADER.map(
    (column) =>
      ({
        purchase_id: id,
        customer_id: '7',
        purchase_date: date,
        amount: '10',
        currency,
        note: id === 'deleted' ? 'delete' : '',
      })[column] ?? '',
  ).join(',');

const source: Source = {
  ...fastPathSource,
  fields: { ...fastPathSource.fields, operation: { kind: 'column', column: 'note' } },
  deletes: ['delete'],
};

async function lakeOf(
  objects: Record<string, { day: string; lines: string[] }>,
  streamFrom: number,
) {
  await mkdir(join(folder, 'bronze'), { recursive: true });
  const tasks = [];
  for (const [key, { day, lines }] of Object.entries(objects)) {
    const text = [HEADER.join(','), ...lines, ''].join('\n');
    await writeFile(join(folder, 'bronze', key), text);
    const head = await workspace.store.head(`bronze/${key}`);
    tasks.push({
      key,
      size: text.length,
      etag: head?.etag ?? '',
      modified: head?.modified ?? 0,
      ingestionDate: day,
      source,
      rules: 'rules',
    });
  }
  const engine = duckdbEngine({ memoryLimit: '300MB', threads: 1, streamFrom });
  const { objects: records, files } = await engine.bronzeToSilver(workspace, {
    objects: tasks,
    rates,
    timeZone: 'Australia/Sydney',
    limits: { maxQuarantinedShare: 1, maxInflation: 100 },
  });
  await using session = await openSession({ memoryLimit: '300MB', ...workspace });
  const silver = files.filter(({ key }) => key.startsWith('silver/'));
  const local = await Promise.all(
    silver.map(({ key }) => workspace.store.local(key, workspace.scratch)),
  );
  const rows = await session.rows(
    `select purchase_id, rate from ${parquet(session, local)} order by purchase_id`,
  );
  return {
    rates: Object.fromEntries(rows.map(({ purchase_id, rate }) => [purchase_id, rate])),
    reasons: records.map(({ reasons }) => reasons),
  };
}

test.each([
  ['cleaned in a table', 20_000, '2026-04-10'],
  ['streamed', 0, '2026-04-10'],
  ['of several days', 20_000, '2026-04-11'],
])(
  'finds the rates of old and deleted purchases in a batch %s',
  async (_how, streamFrom, otherDay) => {
    expect(
      await lakeOf(
        { 'c.csv': { day: otherDay, lines: [line('deleted', '2010-03-07', 'USD')] } },
        streamFrom,
      ),
    ).toEqual({ rates: { deleted: '1.100000000000' }, reasons: [{}] });

    const recent = line('recent', '2026-01-03', 'USD');
    const first = [recent, line('old', '2010-03-07', 'USD'), line('epoch', '1970-01-01', 'USD')];
    const second = [line('later', '2010-03-08', 'USD'), line('lost', '2010-03-07', 'EUR')];
    expect(
      await lakeOf(
        {
          'a.csv': { day: '2026-04-10', lines: first },
          'b.csv': { day: otherDay, lines: second },
        },
        streamFrom,
      ),
    ).toEqual({
      rates: {
        later: '1.100000000000',
        old: '1.100000000000',
        recent: '1.500000000000',
      },
      reasons: [{ fx_rate_missing: 1 }, { fx_rate_missing: 1 }],
    });
  },
);
