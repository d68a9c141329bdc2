import {
  COLLISION_HINT,
  COLLISION_MESSAGE,
  EXHAUSTED_HINT,
  EXHAUSTED_MESSAGE,
} from '../../medallion/customer-keys.ts';
import { goldDifference } from '../../medallion/gold/gold-to-staging.ts';
import { names, SILVER_COLUMNS } from '../../medallion/layers.ts';
import { fullSteps, incrementSteps, rankSteps } from '../../medallion/gold/gold-recipe.ts';
import { goldDigest } from '../../medallion/gold/silver-to-gold.ts';
import { outcomeCounts } from '../../medallion/gold/versions.ts';
import { sparkDialect } from './dialect.ts';

/**
 * A relation that later ones use. `keep`: it is computed at once and kept, because it is read more
 * than once, or so that Spark knows its size before it plans a join with it; otherwise Spark
 * shuffles all rows for a join with a handful.
 */
export type View = { name: string; sql: string; keep?: true };

/**
 * The SQL of silver to gold. Its input is the views silver_rows (silver's columns and `silver`, the
 * file's key), live (object_key, silver, position), customer_keys, former_keys (integers that must
 * not be given again) and, for an increment, changed_rows, wanted (object_key, silver) and
 * gold_before.
 */
export type GoldSql = {
  versionsRead: string;
  versions: Record<'keyed' | 'plain', string>;
  /** Rows that collide with the integer of a customer key, and the row of that key. */
  colliding: { rows: string; keyed: string; message: string; hint: string };
  exhausted: { message: string; hint: string };
  /**
   * `{width}` is the number of arrivals, or integers, in a bucket, `{next}` the next integer to
   * give, `{end}` the end of the integers that are tried.
   */
  freshKeys: View[];
  numbered: Record<'plain' | 'pastTaken', View[]>;
  whole: View[];
  touched: View[];
  fates: string;
  gold: Record<'whole' | 'touched', string>;
  digest: string;
  total: string;
  unfit: string;
};

const SILVER = names(SILVER_COLUMNS);
const VERSION = [...SILVER, 'arrival'];

const kept = (name: string, sql: string): View => ({ name, sql, keep: true });

/** The views that rank the view `versions`. */
function rankViews(versions: string): View[] {
  const { repeated, ranked, superseded } = rankSteps(
    sparkDialect.hash('source', 'purchase_id'),
    VERSION,
  );
  return [
    kept('repeated', repeated({ versions })),
    kept('ranked', ranked({ versions, repeated: 'repeated' })),
    { name: 'superseded', sql: superseded({ ranked: 'ranked' }) },
  ];
}

const FULL = fullSteps(sparkDialect);
const FULL_VIEWS: View[] = [
  ...rankViews('versions'),
  { name: 'winners', sql: FULL.winners({ versions: 'versions', superseded: 'superseded' }) },
  { name: 'outcomes', sql: FULL.outcomes({ versions: 'versions', ranked: 'ranked' }) },
];

const INCREMENT = incrementSteps(sparkDialect, VERSION);
/** The relations of the increment by the names of their views. */
const VIEWS = {
  versions: 'versions',
  customerKeys: 'customer_keys',
  goldBefore: 'gold_before',
  changed: 'changed',
  changedPurchases: 'changed_purchases',
  namedCustomers: 'named_customers',
  touchedCustomers: 'touched_customers',
  affectedPurchases: 'affected_purchases',
  affectedVersions: 'affected_versions',
  ranked: 'ranked',
  superseded: 'superseded',
  winners: 'winners',
  recomputed: 'recomputed',
};
const INCREMENT_VIEWS: View[] = [
  kept(
    VIEWS.changed,
    `select s.source, s.purchase_id, s.customer_id, s.customer_key from changed_rows s join wanted w on w.object_key = s.object_key and w.silver = s.silver`,
  ),
  kept(VIEWS.changedPurchases, INCREMENT.changedPurchases(VIEWS)),
  { name: VIEWS.namedCustomers, sql: INCREMENT.namedCustomers(VIEWS) },
  kept(VIEWS.touchedCustomers, INCREMENT.touchedCustomers(VIEWS)),
  kept(VIEWS.affectedPurchases, INCREMENT.affectedPurchases(VIEWS)),
  kept(VIEWS.affectedVersions, INCREMENT.affectedVersions(VIEWS)),
  ...rankViews(VIEWS.affectedVersions),
  { name: VIEWS.winners, sql: INCREMENT.winners(VIEWS) },
  { name: VIEWS.recomputed, sql: INCREMENT.recomputed(VIEWS) },
  { name: 'outcomes', sql: INCREMENT.outcomes(VIEWS) },
];

/**
 * New customer keys with their number `n` in order of arrival, from 0 on. One window over all keys
 * would be the work of one task: keys are counted by ranges of arrival, each range starts where the
 * one before it ends, and a window numbers them only within a range.
 */
const NEW_KEYS: View[] = [
  {
    name: 'fresh',
    sql: `select customer_key, first_arrival, first_arrival div {width} as bucket from (
  select customer_key, min(arrival) as first_arrival from versions_read v
  where customer_key is not null and not exists (select 1 from customer_keys k where k.customer_key = v.customer_key)
  group by customer_key)`,
    keep: true,
  },
  { name: 'buckets', sql: 'select bucket, count(*) as n from fresh group by bucket', keep: true },
  { name: 'starts', sql: startsOf('buckets') },
  {
    name: 'ordered',
    sql: `select customer_key, before + row_number() over (partition by f.bucket order by first_arrival) - 1 as n
from fresh f join starts s on s.bucket = f.bucket`,
  },
  {
    name: 'taken',
    sql: `select customer_id from versions_read where customer_id >= {next}
union select customer_id from former_keys where customer_id >= {next}`,
    keep: true,
  },
];

/** The integers of new keys where none of them is taken. */
const NUMBERED: View[] = [
  {
    name: 'numbered',
    sql: 'select customer_key, cast({next} + n as bigint) as customer_id from ordered',
  },
];

/**
 * The integers of new keys where some are taken: the free ones below `{end}` are numbered by ranges
 * as the keys are, `{width}` of them each.
 */
const NUMBERED_PAST_TAKEN: View[] = [
  {
    name: 'free',
    sql: `select r.id, (r.id - {next}) div {width} as bucket from range({next}, {end}) r left anti join taken t on t.customer_id = r.id`,
    keep: true,
  },
  {
    name: 'free_buckets',
    sql: 'select bucket, count(*) as n from free group by bucket',
    keep: true,
  },
  { name: 'free_starts', sql: startsOf('free_buckets') },
  {
    name: 'numbered',
    sql: `select o.customer_key, i.id as customer_id from ordered o
join (select id, before + row_number() over (partition by f.bucket order by id) - 1 as n
  from free f join free_starts s on s.bucket = f.bucket) i on i.n = o.n`,
  },
];

/** The number of rows in the buckets before each bucket. */
function startsOf(buckets: string): string {
  return `select b.bucket, coalesce(sum(a.n), 0) as before from ${buckets} b left join ${buckets} a on a.bucket < b.bucket group by b.bucket`;
}

/**
 * Rows whose customer_id the registry gave to a key, between its `{first}` and `{last}` integer.
 */
const COLLIDING = `select v.customer_id, v.object_key, v.row_number, v.arrival from versions_read v left semi join customer_keys k on k.customer_id = v.customer_id
where v.customer_id between {first} and {last}`;
/** A row with the key that has the integer `{customer}`. */
const KEYED = `select v.object_key, v.row_number from versions_read v join customer_keys k on k.customer_key = v.customer_key
where k.customer_id = {customer} order by v.arrival limit 1`;

/** The SQL, the same for every lake: only its input views differ. */
export function goldSql(): GoldSql {
  return {
    versionsRead: `select ${SILVER.map((name) => `s.${name}`).join(', ')}, l.position + s.row_number as arrival
from silver_rows s join live l on l.object_key = s.object_key and l.silver = s.silver`,
    versions: {
      plain: 'select * from versions_read',
      keyed: `select ${VERSION.map((name) => (name === 'customer_id' ? 'coalesce(v.customer_id, k.customer_id) as customer_id' : `v.${name}`)).join(', ')}
from versions_read v left join customer_keys k on k.customer_key = v.customer_key`,
    },
    colliding: {
      rows: COLLIDING,
      keyed: KEYED,
      message: COLLISION_MESSAGE,
      hint: COLLISION_HINT,
    },
    exhausted: { message: EXHAUSTED_MESSAGE, hint: EXHAUSTED_HINT },
    freshKeys: NEW_KEYS,
    numbered: { plain: NUMBERED, pastTaken: NUMBERED_PAST_TAKEN },
    whole: FULL_VIEWS,
    touched: INCREMENT_VIEWS,
    fates: outcomeCounts('select * from outcomes'),
    gold: {
      whole: `${FULL.gold(VIEWS)} order by customer_id`,
      touched: `select * from (${INCREMENT.gold(VIEWS)}) order by customer_id`,
    },
    digest: goldDigest(sparkDialect, 'gold'),
    total:
      'select cast(coalesce(sum(total_spent_aud), cast(0 as decimal(18,2))) as string) as total from gold',
    unfit:
      'select customer_id from gold where total_spent_aud is null order by customer_id limit 1',
  };
}

/** The rows of a load between the views gold_before and gold_after, or all of gold_after. */
export const loadSql = (hasBefore: boolean): string =>
  goldDifference(hasBefore ? 'gold_before' : undefined, 'gold_after');
