import { afterAll, describe, expect, test } from 'vitest';
import { WarehouseSchema } from '../../errors.ts';
import { dump, dumped, load, MAIN, STAGING, type Opened } from './warehouse-fixture.ts';
import { customer } from './warehouse-load-rows.ts';

const COLUMNS = {
  customer_id: 'INT PRIMARY KEY',
  full_name: 'VARCHAR(255)',
  email: 'VARCHAR(255)',
  total_spent_aud: 'DECIMAL(18,2)',
  first_purchase_date: 'DATE',
  last_purchase_date: 'DATE',
  updated_at: 'TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL',
};
type Columns = Partial<Record<keyof typeof COLUMNS | 'more', string>>;

/** Serving tables that users created or altered, with or without the pipeline's rows. */
export function tablesThatFit(opened: Opened): void {
  const createTable = (columns: Columns, more = ''): Promise<void> => {
    const all = Object.entries({ ...COLUMNS, ...columns }).map((column) => column.join(' '));
    const options = opened().tableOptions ?? '';
    return opened().externalSql(
      `DROP TABLE ${MAIN}; CREATE TABLE ${MAIN} (${all.join(', ')}${more})${options};`,
    );
  };

  describe('a serving table that differs from the migrations', () => {
    afterAll(() => createTable({}));

    const refused: [what: string, columns: Columns, names: RegExp, more?: string][] = [
      [
        'whole numbers for money',
        { total_spent_aud: 'DECIMAL(18,0)' },
        /total_spent_aud is (?:numeric|decimal)\(18,0\)/,
      ],
      ['fewer digits for money', { total_spent_aud: 'DECIMAL(10,2)' }, /total_spent_aud/],
      ['more decimals than gold has', { total_spent_aud: 'DECIMAL(20,4)' }, /total_spent_aud/],
      [
        'binary numbers for money',
        { total_spent_aud: 'DOUBLE PRECISION' },
        /total_spent_aud is double/,
      ],
      ['integers for money', { total_spent_aud: 'INT' }, /total_spent_aud/],
      ['short names', { full_name: 'VARCHAR(50)' }, /full_name is .*\(50\)/],
      ['names that are padded', { full_name: 'CHAR(200)' }, /full_name is char/],
      ['short addresses', { email: 'VARCHAR(254)' }, /email/],
      ['small ids', { customer_id: 'SMALLINT PRIMARY KEY' }, /customer_id is smallint/],
      ['times for dates', { first_purchase_date: 'TIMESTAMP NULL' }, /first_purchase_date/],
      ['texts for dates', { last_purchase_date: 'VARCHAR(255)' }, /last_purchase_date/],
      [
        'names that must not be null',
        { full_name: 'VARCHAR(255) NOT NULL' },
        /full_name is NOT NULL/,
      ],
      ['a column that must have a value', { more: 'INT NOT NULL' }, /more must have a value/],
      ['no key', { customer_id: 'INT NOT NULL' }, /no primary key on customer_id/],
      [
        'a key of two columns',
        { customer_id: 'INT' },
        /no primary key on customer_id/,
        ', PRIMARY KEY (customer_id, updated_at)',
      ],
      ['a second key', { email: 'VARCHAR(255) UNIQUE' }, /forbids two rows with the same email/],
      [
        'a check',
        {},
        /check only_gains .*can change or reject/,
        ', CONSTRAINT only_gains CHECK (total_spent_aud > 0)',
      ],
    ];

    test.each(refused)(
      'is refused before anything is written: %s',
      async (_what, columns, names, more) => {
        const { warehouse } = opened();
        await createTable(columns, more);
        for (const call of [() => warehouse.migrate(), () => warehouse.state()]) {
          const result = call();
          await expect(result).rejects.toThrow(WarehouseSchema);
          await expect(result).rejects.toThrow(names);
          await expect(result).rejects.toMatchObject({
            exitCode: 1,
            hint: expect.stringContaining(`TABLE ${MAIN}`),
          });
        }
      },
    );

    test.each([
      { total_spent_aud: 'DECIMAL(18,0)' },
      { total_spent_aud: 'DOUBLE PRECISION' },
      { full_name: 'CHAR(255)' },
    ] satisfies Columns[])('refuses a load: %j', async (columns) => {
      const { warehouse } = opened();
      await createTable(columns);
      await expect(load(warehouse, [customer(1, '10.55')])).rejects.toThrow(WarehouseSchema);
      expect(await dump(warehouse)).toEqual([]);
    });

    test.each([
      [
        'wider',
        {
          customer_id: 'BIGINT PRIMARY KEY',
          full_name: 'VARCHAR(400)',
          email: 'TEXT',
          total_spent_aud: 'DECIMAL(30,2)',
        },
      ],
      ['with a unique key instead of a primary key', { customer_id: 'INT NOT NULL UNIQUE' }],
      ['with more columns', { more: 'INT DEFAULT 3 NOT NULL' }],
      ['without the time of a change', { updated_at: 'TIMESTAMP NULL' }],
    ] satisfies [string, Columns][])('is accepted where it is %s', async (_what, columns) => {
      const { warehouse } = opened();
      await createTable(columns);
      expect(await warehouse.migrate()).toEqual([]);
      const rows = [customer(1, '10.55'), customer(2, '9999999999999999.99')];
      await load(warehouse, rows);
      expect(await dump(warehouse)).toEqual(dumped(rows));
    });

    test('is refused where it is a view or missing', async () => {
      const { warehouse, externalSql: outside } = opened();
      await createTable({});
      await outside(
        `ALTER TABLE ${MAIN} RENAME TO elsewhere; CREATE VIEW ${MAIN} AS SELECT * FROM elsewhere;`,
      );
      await expect(warehouse.migrate()).rejects.toThrow(/view/);
      await outside(`DROP VIEW ${MAIN};`);
      await expect(warehouse.migrate()).rejects.toThrow(/it does not exist/);
      await outside(`ALTER TABLE elsewhere RENAME TO ${MAIN};`);
      expect(await warehouse.migrate()).toEqual([]);
    });

    test('is refused where staging would round, before anything is staged', async () => {
      const { warehouse, externalSql: outside } = opened();
      await createTable({});
      const retype = (type: string): Promise<void> =>
        outside(
          `ALTER TABLE ${STAGING} DROP COLUMN total_spent_aud; ALTER TABLE ${STAGING} ADD COLUMN total_spent_aud ${type};`,
        );
      await retype('DECIMAL(18,0)');
      await expect(warehouse.state()).rejects.toThrow(/staging/);
      await expect(load(warehouse, [customer(1, '10.55')])).rejects.toThrow(
        /cannot serve gold|does not fit/,
      );
      await retype('DECIMAL(18,2)');
      await load(warehouse, [customer(1, '10.55')]);
      expect(await dump(warehouse)).toEqual(dumped([customer(1, '10.55')]));
    });
  });
}
