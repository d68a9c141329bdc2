import { readLedger } from '../../src/lake/ledger/ledger.ts';
import type { Engine, SilverToGoldInput } from '../../src/lake/ports/engine.ts';
import type { GoldRecord } from '../../src/lake/ledger/records.ts';
import { NOON, plainLake } from '../properties/plain-lake.ts';
import { oneEngine, productLake, type ProductLake } from '../properties/product.ts';
import { type Seen, seenInLake } from '../properties/snapshot.ts';
import type { HandSource } from '../oracle/hand-lake.ts';
import type { OracleObject } from '../oracle/index.ts';

/**
 * Rows by file, of the newest day unless a key has its own; a file that is undefined is removed.
 */
export type Chapter = Record<string, readonly string[] | undefined>;

/** The result of a story's last chapter. */
type StoryResult = {
  /** One line per customer: `1 Ada ada@x.y 10.00 2026-01-05 2026-01-05 1`. */
  gold: string[];
  digest: string | undefined;
  /**
   * One line per file of the chapter: `a.csv accepted:1 duplicate:0 superseded:0 deleted:0
   * quarantined:0`.
   */
  outcomes: string[];
};
export type Story = StoryResult & {
  /**
   * The same, of a new lake that has the final files of the last chapter and the registry of
   * customer keys.
   */
  rebuilt: StoryResult;
  shared: GoldRecord['shared'];
  /** The input of gold, chapter by chapter. */
  tasks: SilverToGoldInput[];
};

/** `customer`: the meaning of the first column. */
type Setting = { customer?: 'customer_id' | 'customer_key'; engine?: Engine };

/**
 * Rows like `1,Ada,ada@x.y,p1,2026-01-05,10,7,paid`: the version's number and the status may be
 * left out.
 */
const HEADER = 'customer,first_name,email,purchase_id,purchase_date,amount,version,status';
const DAY = '2026-04-03';
const CURRENCY = { kind: 'constant', value: 'AUD' } as const;
const FIELDS = { last_name: null, currency: CURRENCY, updated_at: 'version', operation: 'status' };
const source = (customer: 'customer_id' | 'customer_key'): HandSource => ({
  fields: { ...FIELDS, [customer]: 'customer' },
  deletes: ['cancelled'],
});
/** Enough rows of others that a change touches few. */
const OTHERS = Array.from(
  { length: 80 },
  (_, index) => `${900 + (index % 9)},Other,o@x.y,other${index},2026-01-01,1`,
);
const bytesOf = (rows: readonly string[]): Buffer => {
  const whole = rows.map(
    (row) => row + ','.repeat(HEADER.split(',').length - row.split(',').length),
  );
  return Buffer.from([HEADER, ...whole].join('\n'));
};
const isOther = (line: string): boolean => line.includes('Other');

/**
 * The engine of an earlier ledger format, which did not record which purchases name several
 * customers.
 */
export const forgetfulEngine: Engine = {
  ...oneEngine,
  async silverToGold(workspace, task) {
    const { shared: _, ...result } = await oneEngine.silverToGold(workspace, task);
    return result;
  },
};

/**
 * Plays the chapters, each a run, in a lake where others have bought as well: `first` with them.
 */
export async function story(
  first: Chapter,
  chapters: readonly Chapter[],
  { customer = 'customer_id', engine = oneEngine }: Setting = {},
): Promise<Story> {
  const tasks: SilverToGoldInput[] = [];
  const watched: Engine = {
    ...engine,
    silverToGold(workspace, task) {
      tasks.push(task);
      return engine.silverToGold(workspace, task);
    },
  };
  const input = plainLake([], source(customer));
  await using lake = await productLake(input, watched);
  const objects = new Map<string, OracleObject>();
  let modified = NOON;
  for (const chapter of [{ 'others.csv': OTHERS, ...first }, ...chapters]) {
    modified += 60;
    for (const [name, rows] of Object.entries(chapter)) {
      const key = name.includes('/') ? name : `${DAY}/${name}`;
      if (rows === undefined) objects.delete(key);
      else objects.set(key, { key, modified, bytes: bytesOf(rows) });
    }
    await lake.run([...objects.values()]);
  }
  const brought = [...objects.values()].filter((one) => one.modified === modified);
  const seen = await seenInLake(lake);
  await using rebuilt = await productLake({ ...input, registry: registryOf(seen) });
  await rebuilt.run([...objects.values()]);
  return {
    ...(await resultOf(lake, seen, brought)),
    rebuilt: await resultOf(rebuilt, await seenInLake(rebuilt), brought),
    shared: (await readLedger(lake.store)).gold?.shared,
    tasks,
  };
}

async function resultOf(
  lake: ProductLake,
  seen: Seen,
  brought: OracleObject[],
): Promise<StoryResult> {
  return {
    gold: seen.gold
      .map((line) => line.replaceAll(/\w+=/g, '').replaceAll('"', ''))
      .filter((line) => !isOther(line)),
    digest: (await readLedger(lake.store)).gold?.digest,
    outcomes: brought.map(({ key }) => {
      const rows = seen.objects.get(key)?.rows.replace(/read:\d+ /, '') ?? '';
      const counts = rows.split(' ').filter((count) => !count.endsWith(':0'));
      return [key.slice(key.lastIndexOf('/') + 1), ...counts].join(' ');
    }),
  };
}

const registryOf = ({ registry }: Seen): Map<string, number> =>
  new Map(
    registry.map((line) => {
      const end = line.lastIndexOf(' ');
      return [JSON.parse(line.slice(0, end)) as string, Number(line.slice(end))];
    }),
  );
