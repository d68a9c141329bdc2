import { chmod, cp, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../src/lake/ports/engine.ts';
import { dump } from '../../src/lake/ports/warehouse-fixture.ts';
import { readCommits, readLedger } from '../../src/lake/ledger/ledger.ts';
import { verify } from '../../src/lake/audit/verify.ts';
import type { Source } from '../../src/medallion/source.ts';
import { folderStore } from '../../src/stores/filesystem/filesystem.ts';
import { differences } from '../properties/compare.ts';
import { NOON, plainLake } from '../properties/plain-lake.ts';
import { productLake } from '../properties/product.ts';
import { seenByOracle, seenInLake } from '../properties/snapshot.ts';
import { oracle, type OracleObject } from '../oracle/index.ts';
import { csv, memoryWarehouse, tinyLake } from '../support/tiny-lake.ts';
import { openSpark } from './session.ts';

const MINUTES = 60_000;
const SECRET = 'hunter2-the-planted-secret';
const ASKS = '${env:PURCHASES_SECRET}';

let spark: Engine;
/**
 * Simulates another process: its Parquet files have other metadata about the writer, as any two
 * processes may.
 */
let another: Engine;

beforeAll(() => {
  process.env['PURCHASES_SECRET'] = SECRET;
  spark = openSpark();
  another = openSpark(undefined, { 'spark.hadoop.parquet.enable.dictionary': 'false' });
});
afterAll(async () => {
  await Promise.all([spark.close(), another.close()]);
});

/** Every Parquet file of the lake: the file itself and its bytes. */
async function parquetFiles(root: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith('.parquet')) continue;
    const path = join(entry.parentPath, entry.name);
    const { ino, mtimeMs } = await stat(path);
    found.set(path, `${ino} ${mtimeMs} ${(await readFile(path)).toString('base64')}`);
  }
  return found;
}

test(
  'another process that reads unchanged objects again overwrites no committed file, and the lake stays intact',
  async () => {
    const { warehouse } = await memoryWarehouse();
    await using lake = await tinyLake(warehouse);
    const key = '2026/01/05/a.csv';
    const rows = csv('1,Ada,p1,2026-01-05,10.00', '2,Bob,p2,2026-01-05,x', '3,Cy,p3,2026-01-05,7');
    await lake.run(
      { [key]: rows, '2026/01/05/b.csv': csv('4,Di,p4,2026-01-05,1') },
      { engine: spark },
    );
    for (const engine of [another, spark]) {
      const before = await parquetFiles(lake.root);
      // Only the time of its last change differs.
      await chmod(join(lake.root, 'bronze', key), 0o600);
      await chmod(join(lake.root, 'bronze', key), 0o644);
      await lake.run({}, { engine });
      const after = await parquetFiles(lake.root);
      for (const [path, file] of before) expect(after.get(path), path).toBe(file);
    }
    const scratch = join(lake.workspace.scratch, 'verify');
    await mkdir(scratch);
    const rebuildStore = folderStore(join(scratch, 'rebuild'));
    const work = { ...lake.workspace, scratch };
    const verification = await verify({
      ...lake.deps,
      diff: lake.diff,
      workspace: work,
      rebuildStore,
      limit: 3,
    });
    expect(verification).toMatchObject({ seq: 3, equal: true });
    const written = new Set<string>();
    for await (const { commit } of readCommits(lake.deps.store))
      for (const file of [...commit.files, ...(commit.gold?.files ?? [])]) {
        expect(file.key).toContain(`-${file.sha256.slice(0, 16)}.parquet`);
        written.add(file.key);
      }
    // If both processes had written the same bytes, the test would prove nothing.
    expect([...written].filter((name) => name.startsWith('silver/')).length).toBeGreaterThan(1);
  },
  40 * MINUTES,
);

const NAMES = [
  `${ASKS}.csv`,
  'orders[1].csv',
  'orders1.csv',
  'a{b,c}.csv',
  'x?y*.csv',
  '%41.csv',
  'with space #1.csv',
  "it's -- :a.csv",
  'ünï 客.csv',
  '{refused}.csv',
];
const HEAD = `customer_id,last_name,first_name,email,purchase_id,purchase_date,amount,currency,state,${ASKS}`;

const source: Omit<Source, 'name' | 'match'> = {
  rows: 'purchases',
  format: { decimal: '.', thousands: "'" },
  dateFormats: [`dd.MM.yyyy '${ASKS}'`],
  fields: {
    ...Object.fromEntries(
      ['customer_id', 'purchase_id', 'purchase_date', 'amount'].map((column) => [
        column,
        { kind: 'column', column },
      ]),
    ),
    first_name: {
      kind: 'constant',
      value: `${ASKS} {first} \${spark.app.name} '{refused}' \\n /*+ x */`,
    },
    last_name: { kind: 'concat', columns: ['last_name', ASKS], separator: `\${system:user.home}'` },
    email: { kind: 'coalesce', columns: ['email', ASKS] },
    currency: { kind: 'constant', value: 'AUD' },
    operation: { kind: 'column', column: 'state' },
  },
  deletes: [ASKS.toLowerCase(), "o'clock", '{refused}'],
};

/**
 * Rows of a file's own customers: a good one, one that deletes, a declared date, and so many bad
 * ones that the file is rejected whole.
 */
function hostileFile(name: string, at: number): OracleObject {
  const row = (no: number, date: string, amount: string, state = ''): string =>
    `${100 * at + no},Lee,,,p${at}-${no},${date},${amount},,${state},${ASKS}`;
  const bad = at % 2 === 0 ? [] : [3, 4, 5, 6].map((no) => row(no, '2026-03-05', 'x'));
  const lines = [
    row(1, '2026-03-05', '10.50'),
    row(2, `05.03.2026 ${ASKS}`, "1'000"),
    row(7, '2026-03-05', '1', ASKS),
    ...bad,
  ];
  const key = `shop/2026-04-01/${name}`;
  return { key, bytes: Buffer.from([HEAD, ...lines, ''].join('\n')), modified: NOON };
}

const HOSTILE = {
  ...plainLake([
    ...NAMES.map(hostileFile),
    { ...hostileFile('no-columns.csv', 90), bytes: Buffer.from(`${ASKS},{columns}\n1,2\n`) },
    // A text that ends in a backslash within a string used to fail the whole run.
    { ...hostileFile('backslash.json', 91), bytes: Buffer.from('["\\') },
  ]),
  sources: [{ ...source, name: `${ASKS} {first} {second} it's`, match: '**' }],
  maxQuarantinedShare: 0.5,
};

test(
  'names, constants, separators and formats are plain text to Spark with any characters, and a planted secret appears in no output',
  async () => {
    await using lake = await productLake(HOSTILE, spark);
    await lake.run(HOSTILE.objects);
    const differing = differences(seenByOracle(oracle(HOSTILE)), await seenInLake(lake));
    expect(differing.map((line) => line.slice(0, 300))).toEqual([]);
    const { objects } = await readLedger(lake.store);
    expect(JSON.stringify([...objects])).not.toContain(SECRET);
    for (const layer of ['silver/', 'quarantine/', 'gold/', '_ledger/'])
      for await (const { key } of lake.store.list(layer))
        expect(Buffer.from((await lake.store.read(key)) ?? []).includes(SECRET), key).toBe(false);
    expect([...objects.values()].filter(({ refused }) => refused).length).toBe(
      NAMES.length / 2 + 2,
    );
    expect(objects.get('shop/2026-04-01/no-columns.csv')?.refused?.message).toContain(
      `Columns found: ${ASKS.toLowerCase()}, column 2. Map`,
    );
  },
  40 * MINUTES,
);

const DAYS: Record<string, string>[] = [
  {
    '2026/01/05/orders[1].csv': csv('1,Ada,p1,2026-01-05,10.00', '2,Bob,p2,2026-01-05,x'),
    '2026/01/05/orders1.csv': csv('3,Cy,p3,2026-01-05,7.00', '4,Di,p4,2026-01-05,8.00'),
    '2026/01/05/more.csv': csv(
      ...Array.from({ length: 20 }, (_, at) => `${at + 50},E,q${at},2026-01-05,1`),
    ),
  },
  { '2026/01/06/{a,b}.csv': csv('1,Ada,p1,2026-01-06,11.00', '5,Fay,p5,2026-01-06,2.00') },
];

test.each(["shop[1] {a,b}*? %41 #1 :é '"])(
  'a lake in a folder named %s reads its own files and nothing else',
  { timeout: 40 * MINUTES },
  async (name) => {
    const [first, second] = [await memoryWarehouse(), await memoryWarehouse()];
    await using plain = await tinyLake(first.warehouse);
    await using lake = await tinyLake(second.warehouse);
    const root = join(lake.root, '..', name);
    // A lake that the name would match as a pattern.
    for (const neighbour of ["shop1 axyz %41 #1 :é '", name.replace('%41', 'A')])
      await cp(plain.root, join(lake.root, '..', neighbour), { recursive: true });
    for (const day of DAYS) {
      await plain.put(day);
      lake.clock.now = plain.clock.now;
      for (const [key, text] of Object.entries(day)) {
        const path = join(root, 'bronze', key);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, text);
        await utimes(path, plain.clock.now / 1000, plain.clock.now / 1000);
      }
      await plain.run({}, { engine: spark });
      await lake.run(
        {},
        { engine: spark, store: folderStore(root), scratch: join(root, '_tmp', 's') },
      );
    }
    const [actual, expected] = [
      await readLedger(folderStore(root)),
      await readLedger(plain.deps.store),
    ];
    const gold = ({ gold: record, seq }: typeof actual) => ({
      seq,
      total: record?.total,
      digest: record?.digest,
      customers: record?.customers,
    });
    expect(gold(actual)).toEqual(gold(expected));
    expect(gold(actual)).toMatchObject({ seq: 2, total: '48.00' });
    expect(await dump(second.warehouse)).toEqual(await dump(first.warehouse));
  },
);
