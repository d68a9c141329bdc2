import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WarehouseSchema } from '../../errors.ts';
import { dump, dumped, load, MAIN, STAGING } from '../../lake/ports/warehouse-fixture.ts';
import { customer } from '../../lake/ports/warehouse-load-rows.ts';
import type { Warehouse } from '../../lake/ports/warehouse.ts';
import { migrate } from '../migrate.ts';
import { postgresMigrations } from './migrations.ts';
import { pgliteSql } from '../pglite/sql.ts';
import { pgliteWarehouse } from '../pglite/warehouse.ts';

let db: PGlite;
let warehouse: Warehouse;

beforeAll(async () => {
  db = await PGlite.create();
  warehouse = pgliteWarehouse(db, 'pglite in memory');
}, 240_000);
afterAll(() => db.close());
beforeEach(() => db.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public'));

const ROWS = [customer(1, '10.55'), customer(-2, '9999999999999999.99', 'Zoë')];
const TRIGGER = `CREATE FUNCTION rounds() RETURNS trigger LANGUAGE plpgsql
  AS 'BEGIN NEW.total_spent_aud := round(NEW.total_spent_aud); RETURN NEW; END';
  CREATE TRIGGER "Round it" BEFORE INSERT OR UPDATE ON ${MAIN} FOR EACH ROW EXECUTE FUNCTION rounds()`;

async function refusal(): Promise<WarehouseSchema> {
  const error = await warehouse.migrate().catch((thrown: unknown) => thrown);
  if (!(error instanceof WarehouseSchema)) throw new Error(`not refused: ${String(error)}`);
  return error;
}

describe('a table that was altered since', () => {
  test.each([
    ['a trigger', TRIGGER, /trigger "Round it"/],
    ['a rule', `CREATE RULE lose AS ON INSERT TO ${MAIN} DO INSTEAD NOTHING`, /rule lose/],
    [
      'whole numbers',
      `ALTER TABLE ${MAIN} ALTER total_spent_aud TYPE numeric(18,0)`,
      /numeric\(18,0\)/,
    ],
    [
      'floating numbers in staging',
      `ALTER TABLE ${STAGING} ALTER total_spent_aud TYPE real`,
      /of customer_purchase_summary_staging|real/,
    ],
    ['no key', `ALTER TABLE ${MAIN} DROP CONSTRAINT ${MAIN}_pkey`, /no primary key/],
    [
      'a key that waits',
      `ALTER TABLE ${MAIN} DROP CONSTRAINT ${MAIN}_pkey, ADD PRIMARY KEY (customer_id) DEFERRABLE`,
      /cannot be relied on/,
    ],
    [
      'a second key',
      `CREATE UNIQUE INDEX one_each ON ${MAIN} (lower(email))`,
      /one_each lets no two/,
    ],
    [
      'a key of staging',
      `ALTER TABLE ${STAGING} ADD UNIQUE (customer_id)`,
      /no two rows have the same customer_id/,
    ],
    [
      'a foreign key',
      `CREATE TABLE known (id INT PRIMARY KEY); ALTER TABLE ${MAIN} ADD CONSTRAINT known_only FOREIGN KEY (customer_id) REFERENCES known`,
      /foreign key known_only/,
    ],
    [
      'an exclusion',
      `ALTER TABLE ${MAIN} ADD CONSTRAINT apart EXCLUDE USING btree (email WITH =)`,
      /exclusion apart/,
    ],
    [
      'a check',
      `ALTER TABLE ${MAIN} ADD CONSTRAINT gains CHECK (total_spent_aud > 0) NOT VALID`,
      /check gains/,
    ],
    [
      'names that must be there',
      `ALTER TABLE ${MAIN} ALTER email SET NOT NULL`,
      /email is NOT NULL/,
    ],
    [
      'a column without a default',
      `ALTER TABLE ${MAIN} ADD region TEXT NOT NULL`,
      /region must have a value/,
    ],
    ['loads without a name', `ALTER TABLE ${STAGING} ALTER load_id DROP DEFAULT`, /load_id/],
    [
      'names in any case',
      `CREATE COLLATION anycase (provider = icu, locale = 'und-u-ks-level2', deterministic = false); ALTER TABLE ${MAIN} ALTER full_name TYPE varchar(255) COLLATE anycase`,
      /nondeterministic/,
    ],
  ])('is refused with what helps, and serves once that was done: %s', async (_what, ddl, names) => {
    await warehouse.migrate();
    await db.exec(ddl);
    const error = await refusal();
    expect(error.message).toMatch(names);
    expect(error.message).toContain('Nothing was written');
    const fixes = [...(error.hint ?? '').matchAll(/^ {2}(.*;)$/gm)].map(([, fix]) => fix);
    expect(fixes.length).toBeGreaterThan(0);
    await db.exec(fixes.join('\n'));
    expect(await warehouse.migrate()).toEqual([]);
    await load(warehouse, ROWS);
    expect((await dump(warehouse)).toSorted()).toEqual(dumped(ROWS).toSorted());
  });

  test.each([
    [
      'a column that the database makes',
      `ALTER TABLE ${MAIN} DROP email; ALTER TABLE ${MAIN} ADD email VARCHAR(255) GENERATED ALWAYS AS (full_name) STORED`,
      /email is made by the database/,
    ],
    [
      'ids that the database gives',
      `ALTER TABLE ${MAIN} ALTER customer_id ADD GENERATED ALWAYS AS IDENTITY`,
      /customer_id is made by the database/,
    ],
    ['row-level security', `ALTER TABLE ${MAIN} ENABLE ROW LEVEL SECURITY`, /row-level security/],
    [
      'row-level security for its owner too',
      `ALTER TABLE ${MAIN} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
      /row-level security/,
    ],
    ['a child of its own', `CREATE TABLE child () INHERITS (${MAIN})`, /parent of other tables/],
    [
      'partitions',
      `DROP TABLE ${MAIN}; CREATE TABLE ${MAIN} (customer_id INT PRIMARY KEY) PARTITION BY RANGE (customer_id)`,
      /partitioned/,
    ],
    [
      'a domain',
      `CREATE DOMAIN money_in AS numeric(18,2) CHECK (VALUE > 0); ALTER TABLE ${MAIN} ALTER total_spent_aud TYPE money_in`,
      /money_in/,
    ],
  ])('is refused by name: %s', async (_what, ddl, names) => {
    await warehouse.migrate();
    await db.exec(ddl);
    expect((await refusal()).message).toMatch(names);
  });

  test.each([
    ['a foreign key of others on it', `CREATE TABLE note (customer_id INT REFERENCES ${MAIN})`],
    ['a disabled trigger', `${TRIGGER}; ALTER TABLE ${MAIN} DISABLE TRIGGER ALL`],
    [
      'wider columns',
      `ALTER TABLE ${MAIN} ALTER customer_id TYPE bigint, ALTER full_name TYPE text, ALTER total_spent_aud TYPE numeric`,
    ],
    [
      'more indexes',
      `CREATE INDEX by_name ON ${MAIN} (full_name); CREATE UNIQUE INDEX wide ON ${MAIN} (customer_id, email)`,
    ],
  ])('serves as well with %s', async (_what, ddl) => {
    await warehouse.migrate();
    await db.exec(ddl);
    expect(await warehouse.migrate()).toEqual([]);
    await load(warehouse, ROWS);
    expect((await dump(warehouse)).toSorted()).toEqual(dumped(ROWS).toSorted());
  });
});

test.each(postgresMigrations.migrations.map((_, index) => index + 1))(
  'tables at migration %i of the pipeline’s own are brought up to date',
  async (count) => {
    const migrations = postgresMigrations.migrations.slice(0, count);
    await migrate(pgliteSql(db), { ...postgresMigrations, migrations });
    expect(await warehouse.migrate()).toHaveLength(postgresMigrations.migrations.length - count);
  },
);

test('a table of another pipeline that would round is refused before a migration touches it', async () => {
  const six = `customer_id INT PRIMARY KEY, full_name TEXT, email TEXT, total_spent_aud DECIMAL(18,0), first_purchase_date DATE, last_purchase_date DATE`;
  await db.exec(`CREATE TABLE ${MAIN} (${six})`);
  expect((await refusal()).message).toContain(
    'total_spent_aud is numeric(18,0), not numeric(18,2)',
  );
  const { rows } = await db.query(
    `SELECT relname FROM pg_class WHERE relname LIKE 'customer_purchase%'`,
  );
  expect(rows).toEqual([{ relname: MAIN }, { relname: `${MAIN}_pkey` }]);
  await db.exec(`ALTER TABLE ${MAIN} RENAME TO old`);
  await warehouse.migrate();
  await load(warehouse, ROWS);
  expect((await dump(warehouse)).toSorted()).toEqual(dumped(ROWS).toSorted());
});

test('the documented way to a new table works for one that was migrated', async () => {
  await warehouse.migrate();
  await load(warehouse, ROWS);
  await db.exec(TRIGGER);
  await refusal();
  await db.exec(`ALTER TABLE ${MAIN} RENAME TO customer_purchase_summary_old;
    ALTER INDEX ${MAIN}_total_spent_aud RENAME TO customer_purchase_summary_old_totals;
    DROP TABLE customer_purchase_sync_state, customer_purchase_migrations`);
  expect((await warehouse.migrate())[0]).toBe('001-serving-tables');
  expect(await warehouse.state()).toMatchObject({ sync: undefined, empty: true });
  await load(warehouse, ROWS);
  expect((await dump(warehouse)).toSorted()).toEqual(dumped(ROWS).toSorted());
});
