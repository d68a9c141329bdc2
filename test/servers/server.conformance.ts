import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { customer, loadCsv, loadOf, pieces } from '../../src/lake/ports/warehouse-load-rows.ts';
import {
  dump,
  dumped,
  load,
  MAIN,
  SECOND,
  SIX,
  STAGING,
  stagedRows,
} from '../../src/lake/ports/warehouse-fixture.ts';
import type { Warehouse } from '../../src/lake/ports/warehouse.ts';
import { RemoteFailed, RemoteRefused } from '../../src/errors.ts';
import { raceWriters } from './many-writers.ts';
import { PASSWORD, type TestServer, type TestSession } from './process.ts';
import { commitCutter } from './proxy.ts';

type Open = (url: string) => Warehouse;

const STALLED = fileURLToPath(new URL('stalled-load.ts', import.meta.url));
const [WRITERS, LOADS] = [16, Number(process.env['PURCHASES_TEST_LOADS_A_WRITER'] ?? 3)];

/**
 * Requirements for a warehouse on a server under failures of the server or the network and
 * concurrent writers.
 */
export function serverConformance(name: string, running: () => TestServer, open: Open): void {
  describe(`${name} as a server`, () => {
    let warehouse: Warehouse;
    let url: string;

    beforeAll(async () => {
      url = await running().createDatabase('hardship');
      warehouse = open(url);
      await warehouse.migrate();
    });
    beforeEach(() =>
      running().sql(
        'hardship',
        `DELETE FROM ${MAIN}; DELETE FROM ${STAGING};
         UPDATE customer_purchase_sync_state SET lake = NULL, seq = NULL, commit = NULL;`,
      ),
    );

    test('concurrent migrations apply each migration once', async () => {
      const other = await running().createDatabase('migrated_at_once');
      const applied = await Promise.all(Array.from({ length: 6 }, () => open(other).migrate()));
      expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
    });

    test('two concurrent upserts of one load: one is applied, the other finds it applied', async () => {
      await load(warehouse, [customer(1), customer(2)]);
      const next = loadOf([customer(1, '5.00')], SECOND);
      await warehouse.stage(next, pieces(loadCsv([customer(1, '5.00')])));
      const results = await Promise.all([warehouse.upsert(next), open(url).upsert(next)]);
      expect(results.map(({ outcome }) => outcome).toSorted()).toEqual(['already', 'applied']);
      expect(await dump(warehouse)).toEqual(dumped([customer(1, '5.00'), customer(2)]));
    });

    test(`${WRITERS} writers of ${LOADS} loads each: the table equals gold, no load is applied twice, every deadlock is retried`, async () => {
      const chaos = await running().session('hardship');
      const race = await raceWriters({
        open: () => open(url),
        chaos,
        writers: WRITERS,
        loads: LOADS,
      });
      await chaos.end();
      console.log(`${name}: ${race.summary}`);
      expect(race.appliedTwice).toEqual([]);
      expect(await dump(warehouse)).toEqual(race.gold);
      expect(await stagedRows(warehouse)).toBe(0);
    }, 600_000);

    describe('a COMMIT whose response is lost', () => {
      const throughCutter = async (
        when: 'before' | 'after',
        work: (cut: Warehouse) => Promise<void>,
      ): Promise<void> => {
        const cutter = await commitCutter(running().port, when);
        await work(open(url.replace(`:${running().port}/`, `:${cutter.port}/`)));
        expect(cutter.cuts()).toBe(1);
        await cutter.close();
      };

      test.each(['before', 'after'] as const)(
        'is read back when the connection was lost %s it reached the server',
        async (when) => {
          const rows = [customer(1), customer(2)];
          await warehouse.stage(loadOf(rows), pieces(loadCsv(rows)));
          await throughCutter(when, async (cut) => {
            expect(await cut.upsert(loadOf(rows))).toMatchObject({
              outcome: 'applied',
              seq: 1,
              inserted: 2,
            });
          });
          expect(await dump(warehouse)).toEqual(dumped(rows));
          expect(await stagedRows(warehouse)).toBe(0);
        },
      );

      test.each(['before', 'after'] as const)(
        'of a takeover that ends at the seq where it started is read back too (%s)',
        async (when) => {
          const rows = [customer(1), customer(2)];
          await load(warehouse, rows);
          await running().sql('hardship', `UPDATE ${MAIN} SET total_spent_aud = 0`);
          const again = loadOf(rows, { loadId: 'repair', scope: 'takeover' });
          await warehouse.stage(again, pieces(loadCsv(rows)));
          await throughCutter(when, async (cut) => {
            expect(await cut.upsert(again)).toMatchObject({ outcome: 'applied', updated: 2 });
          });
          expect(await dump(warehouse)).toEqual(dumped(rows));
        },
      );
    });

    test('an upsert survives a restart of the server in the middle of its transaction', async () => {
      await load(warehouse, [customer(1), customer(2)]);
      const next = loadOf([customer(1, '5.00')], SECOND);
      await warehouse.stage(next, pieces(loadCsv([customer(1, '5.00')])));
      const blocker = await running().session('hardship');
      await blocker.sql(`BEGIN; UPDATE ${MAIN} SET email = 'blocked' WHERE customer_id = 1`);
      const upserting = warehouse.upsert(next);
      await setTimeout(300);
      await running().restart();
      expect(await upserting).toMatchObject({ outcome: 'applied', updated: 1 });
      expect(await dump(warehouse)).toEqual(dumped([customer(1, '5.00'), customer(2)]));
    }, 60_000);

    test('a client that is killed in the middle of its load leaves nothing, and the next one loads', async () => {
      const child = spawn(process.execPath, ['--import', 'tsx', STALLED], {
        env: { ...process.env, STALLED_LOAD_URL: url },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(await stagedRows(warehouse)).toBe(0);
      expect(await load(warehouse, [customer(1)])).toMatchObject({
        outcome: 'applied',
        inserted: 1,
      });
      expect(await stagedRows(warehouse)).toBe(0);
    }, 60_000);

    describe('with concurrent external writers', () => {
      let outside: TestSession;
      beforeEach(async () => {
        outside = await running().session('hardship');
      });

      test('an upsert does not wait for a writer that is still appending, whose rows are applied by the next one', async () => {
        await load(warehouse, [customer(1), customer(2)]);
        await outside.sql(
          `BEGIN; INSERT INTO ${STAGING} (${SIX}) VALUES (2, 'Appended', NULL, 7, NULL, NULL);`,
        );
        await running().sql(
          'hardship',
          `INSERT INTO ${STAGING} (${SIX}) VALUES (1, 'Committed', NULL, 8, NULL, NULL)`,
        );
        const step = await load(warehouse, [customer(3)], SECOND);
        expect(step).toMatchObject({ outcome: 'applied', foreign: 1, inserted: 1, updated: 1 });
        await outside.sql('COMMIT');
        await outside.end();
        expect(await warehouse.upsert(undefined)).toMatchObject({ foreign: 1, updated: 1 });
        expect((await dump(warehouse)).map((line) => line.slice(0, 18))).toEqual([
          '["1","Committed",n',
          '["2","Appended",nu',
          '["3","Customer 3",',
        ]);
      }, 15_000);

      test('a deadlock is retried, and rows are locked in the order of their customers', async () => {
        await load(warehouse, [customer(1), customer(2), customer(3)]);
        // MariaDB rolls back the transaction that has written less: here the upsert.
        const weight = Array.from({ length: 200 }, () => '(NULL)').join(', ');
        await outside.sql(
          `BEGIN; INSERT INTO ${STAGING} (customer_id) VALUES ${weight};
           UPDATE ${MAIN} SET email = 'other' WHERE customer_id = 3`,
        );
        const step = load(warehouse, [customer(1, '5.00'), customer(3, '6.00')], SECOND);
        await setTimeout(300);
        // The upsert holds customer 1 now and waits for 3.
        await outside
          .sql(`UPDATE ${MAIN} SET email = 'other' WHERE customer_id = 1; COMMIT`)
          .catch(() => outside.sql('ROLLBACK'));
        await outside.end();
        expect(await step).toMatchObject({ outcome: 'applied', updated: 2 });
        expect(await dump(warehouse)).toEqual(
          dumped([customer(1, '5.00'), customer(2), customer(3, '6.00')]),
        );
      }, 30_000);
    });

    test('wrong credentials fail at once, and no message contains a password', async () => {
      const wrong = open(url.replace(encodeURIComponent(PASSWORD), 'wr0ng')).state();
      await expect(wrong).rejects.toThrow(RemoteRefused);
      await expect(wrong).rejects.not.toThrow(/wr0ng/);
    });

    test('an unreachable server fails with an error that names it', async () => {
      const gone = open(url.replace(`:${running().port}/`, ':1/')).state();
      await expect(gone).rejects.toThrow(RemoteFailed);
      await expect(gone).rejects.toThrow(/127\.0\.0\.1:1\/hardship failed: .*ECONNREFUSED/);
    }, 30_000);

    afterAll(() => warehouse.close());
  });
}
