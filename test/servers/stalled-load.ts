import { openMysql } from '../../src/warehouses/mysql/warehouse.ts';
import { openPostgres } from '../../src/warehouses/postgres/warehouse.ts';
import { customer, loadCsv, loadOf } from '../../src/lake/ports/warehouse-load-rows.ts';

/** A client that stages rows and never ends: its test kills it. */
const url = process.env['STALLED_LOAD_URL'] ?? '';
const warehouse = (url.startsWith('mysql:') ? openMysql : openPostgres)({
  url,
  random: Math.random,
});

async function* stalled(): AsyncGenerator<Uint8Array> {
  for (let from = 1; ; from += 1000) {
    const rows = Array.from({ length: 1000 }, (_, i) => customer(from + i, '66.00'));
    yield new TextEncoder().encode(loadCsv(rows));
    if (from === 20_001) {
      process.stdout.write('staging\n');
      await new Promise((resolve) => setTimeout(resolve, 600_000));
    }
  }
}

await warehouse.stage(loadOf([], { loadId: 'stalled' }), stalled());
