import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { csv, memoryWarehouse, tinyLake } from '../../test/support/tiny-lake.ts';
import { readLedger } from '../lake/ledger/ledger.ts';

const table = (rate: string): string => `currency,rate_date,rate_aud\nUSD,2026-01-05,${rate}\n`;

test('rates that change between the plan and the work cause a new plan: a commit names the rates it used', async () => {
  const { warehouse } = await memoryWarehouse();
  await using lake = await tinyLake(warehouse);
  const path = join(lake.workspace.scratch, '..', 'rates.csv');
  await writeFile(path, table('1.5'));
  const rates = { configured: { kind: 'file', path } as const, packaged: '', maxAgeDays: 7 };
  let planned = 0;
  const deps = {
    rates,
    // The bytes of the plan are passed on; then the file changes.
    store: {
      ...lake.deps.store,
      put: async (...written: Parameters<typeof lake.deps.store.put>) => {
        await lake.deps.store.put(...written);
        if (written[0].endsWith('/plan.json') && planned++ === 0) await writeFile(path, table('2'));
      },
    },
  };
  const rows = csv('1,Ada,p1,2026-01-05,10').replace('AUD', 'USD');
  expect(await lake.run({ '2026-01-05/a.csv': rows }, deps)).toMatchObject({ seq: 1, tries: 2 });
  const { gold } = await readLedger(lake.deps.store);
  expect(gold?.total).toBe('20.00');
  // Nothing is left to do: the recorded rates are the ones that were used.
  expect(await lake.run({}, { rates })).toMatchObject({ work: 'none' });
});
