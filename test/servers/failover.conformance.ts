import { setTimeout } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { customer, loadCsv, loadOf, pieces } from '../../src/lake/ports/warehouse-load-rows.ts';
import { dump, dumped, load, MAIN, SECOND } from '../../src/lake/ports/warehouse-fixture.ts';
import type { Warehouse } from '../../src/lake/ports/warehouse.ts';
import { RemoteFailed } from '../../src/errors.ts';
import type { TestServer } from './process.ts';

const DATABASE = 'failover';

export type Trouble = { begin(): Promise<unknown>; end(): Promise<unknown> };

/**
 * Faults of one kind of server, for the user `application` of the database `failover`, who is not a
 * superuser.
 */
export type Troubles = {
  /** Statements that create the user, with all rights in the database and no others. */
  application: string;
  /** The effect of a server becoming a standby. */
  standby: Trouble;
  /** Uses up the user's last connection. */
  full: Trouble;
  /** Ends all connections of the user at once, as an administrator or a shutdown does. */
  disconnect(): Promise<unknown>;
  /** Kills the server: it must recover when it starts. */
  crash: NodeJS.Signals;
};

/** Requirements for a load when the database fails over, is full or disconnects its clients. */
export function failoverConformance(
  name: string,
  running: () => TestServer,
  open: (url: string) => Warehouse,
  troubles: Troubles,
): void {
  describe(`${name} under failures`, () => {
    const changed = loadOf([customer(1, '5.00')], SECOND);
    const after = dumped([customer(1, '5.00'), customer(2)]);
    let warehouse: Warehouse;

    beforeAll(async () => {
      await running().createDatabase(DATABASE);
      await running().sql(DATABASE, troubles.application);
      warehouse = open(running().url(DATABASE, 'application'));
      await warehouse.migrate();
    });
    beforeEach(async () => {
      await running().sql(
        DATABASE,
        `DELETE FROM ${MAIN};
         UPDATE customer_purchase_sync_state SET lake = NULL, seq = NULL, commit = NULL;`,
      );
      await load(warehouse, [customer(1), customer(2)]);
      await warehouse.stage(changed, pieces(loadCsv([customer(1, '5.00')])));
    });

    test.each(['standby', 'full'] as const)(
      'a load outlasts a server that is for a while: %s',
      async (kind) => {
        await troubles[kind].begin();
        const upserting = warehouse.upsert(changed);
        let isOver = false;
        void upserting.finally(() => (isOver = true)).catch(() => undefined);
        await setTimeout(400);
        expect(isOver).toBe(false);
        await troubles[kind].end();
        expect(await upserting).toMatchObject({ outcome: 'applied', updated: 1 });
        expect(await dump(warehouse)).toEqual(after);
      },
      60_000,
    );

    test('a load is applied once if an administrator ends its connection within the transaction', async () => {
      const blocker = await running().session(DATABASE);
      await blocker.sql(`BEGIN; UPDATE ${MAIN} SET email = 'blocked' WHERE customer_id = 1`);
      const upserting = warehouse.upsert(changed);
      await setTimeout(400);
      await troubles.disconnect();
      await blocker.sql('ROLLBACK');
      await blocker.end();
      expect(await upserting).toMatchObject({ outcome: 'applied', updated: 1 });
      expect(await dump(warehouse)).toEqual(after);
    }, 60_000);

    test('a load survives a crash of the server in the middle of its transaction, and committed data stays', async () => {
      const blocker = await running().session(DATABASE);
      await blocker.sql(`BEGIN; UPDATE ${MAIN} SET email = 'blocked' WHERE customer_id = 1`);
      const upserting = warehouse.upsert(changed);
      // These servers write their logs once a second.
      await setTimeout(2500);
      await running().restart(troubles.crash);
      expect(await upserting).toMatchObject({ outcome: 'applied', updated: 1 });
      expect(await dump(warehouse)).toEqual(after);
    }, 60_000);

    test('a server that stays a standby fails the load with a named error, and the table is unchanged', async () => {
      await troubles.standby.begin();
      try {
        await expect(warehouse.upsert(changed)).rejects.toThrow(RemoteFailed);
      } finally {
        await troubles.standby.end();
      }
      expect(await dump(warehouse)).toEqual(dumped([customer(1), customer(2)]));
      expect(await warehouse.upsert(changed)).toMatchObject({ outcome: 'applied' });
    }, 60_000);
  });
}
