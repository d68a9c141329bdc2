import type { OracleInput, OracleObject, OracleRate } from '../oracle/index.ts';
import { handSource } from '../oracle/hand-lake.ts';
import type { Fault } from './tripwire.ts';

/** Bronze, rules and rates at one time. */
export type Stage = Pick<OracleInput, 'objects' | 'sources' | 'rates' | 'timeZone'>;
/**
 * The history of a lake: the last stage is the one whose run is killed. `behind`: the table has
 * missed all stages before it but the first.
 */
export type LakeHistory = { stages: Stage[]; behind: boolean; commitsBefore: number };

/** Pseudorandom numbers from 0 (inclusive) to 1 (exclusive) that depend on the seed alone. */
export function numbersOf(seed: number): () => number {
  let state = (seed * 0x9e3779b1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Choices that depend on the seed alone. */
export type Draw = {
  below(limit: number): number;
  of<T>(list: readonly T[]): T;
  once(times: number): boolean;
};

/** The seed's choices. */
export function drawing(seed: number): Draw {
  const next = numbersOf(seed);
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    of: (list) => list[below(list.length)]!,
    once: (times) => below(times) === 0,
  };
}

export const RATES: OracleRate[] = [
  { currency: 'EUR', rate_date: '2026-03-27', rate: '1.650000000005' },
  { currency: 'USD', rate_date: '2026-03-27', rate: '1.550000000000' },
];
export const LATER: OracleRate[] = [
  { currency: 'JPY', rate_date: '2026-03-27', rate: '0.009876543215' },
  { currency: 'USD', rate_date: '2026-03-30', rate: '1.500000000000' },
];
const SHOP = handSource({
  name: 'shop',
  match: 'shop/**',
  fields: { updated_at: 'updated_at', operation: 'operation' },
  deletes: ['void'],
});
const KEYED = handSource({
  name: 'keyed',
  match: 'keyed/**',
  fields: { customer_key: 'customer_id' },
});
export const SOURCES = [SHOP, KEYED];
export const COLUMNS =
  'customer_id,first_name,last_name,email,purchase_id,purchase_date,amount,currency,updated_at,operation';
const AMOUNTS = ['10', '0.005', '12.345', '-3.30', '99999.99', '1e2', '7.77', '0.1', '0.2', 'free'];

/**
 * A few purchases of a few customers, so that versions, moves, refunds, deletes, rejections and
 * copies coincide.
 */
function content(draw: Draw, source: string): Buffer {
  const rows = Array.from({ length: 2 + draw.below(4) }, () => {
    const customer = 1 + draw.below(5);
    const who = source === 'keyed' ? `cus_${customer}` : String(customer);
    const date = `2026-03-${27 + draw.below(5)}${draw.once(4) ? 'T23:30:00Z' : ''}`;
    const name = draw.of(['Ada', 'Bo', '']);
    const update = draw.of(['', '', '1', '2']);
    const operation = draw.once(9) ? 'void' : '';
    const currency = draw.of(['AUD', 'AUD', 'EUR', 'USD', 'JPY']);
    const email = name && `${name}${customer}@example.com`;
    return [
      who,
      name,
      draw.of(['Lee', '']),
      email,
      `p${draw.below(9)}`,
      date,
      draw.of(AMOUNTS),
      currency,
      update,
      operation,
    ].join(',');
  });
  return Buffer.from([COLUMNS, ...rows, ''].join('\n'));
}

function object(draw: Draw, number: number): OracleObject {
  const source = draw.once(4) ? 'keyed' : 'shop';
  const key = `${source}/2026-04-0${1 + draw.below(3)}/f${number}.csv`;
  return { key, modified: 1_775_300_000 + draw.below(3), bytes: content(draw, source) };
}

/**
 * Many purchases of many customers: compared with them a change is small, so gold is built on the
 * previous gold.
 */
export const BASE: OracleObject = {
  key: 'shop/2026-03-31/base.csv',
  modified: 1_775_000_000,
  bytes: Buffer.from(
    [
      COLUMNS,
      ...Array.from(
        { length: 120 },
        (_, row) => `${1 + (row % 40)},Cy,Base,,b${row},2026-03-28,${row}.05,AUD,,`,
      ),
      '',
    ].join('\n'),
  ),
};

const CHANGES = [
  'add',
  'add',
  'replace',
  'replace',
  'remove',
  'touch',
  'copy',
  'rates',
  'rules',
  'mapping',
  'reorder',
] as const;

/** The shop before the column that deletes a purchase was mapped. */
const SHOP_KEEPS = handSource({
  name: 'shop',
  match: 'shop/**',
  fields: { updated_at: 'updated_at' },
});

function changed(draw: Draw, stage: Stage, number: number): Stage {
  const { objects } = stage;
  const victim = objects.length === 0 ? undefined : draw.of(objects);
  const others = objects.filter((one) => one !== victim);
  const kind = victim === undefined ? 'add' : draw.of(CHANGES);
  if (victim === undefined || kind === 'add')
    return { ...stage, objects: [...objects, object(draw, number)] };
  if (kind === 'rates')
    return { ...stage, rates: stage.rates.length > RATES.length ? RATES : [...RATES, ...LATER] };
  if (kind === 'rules')
    return { ...stage, timeZone: draw.of(['Australia/Sydney', 'America/New_York']) };
  if (kind === 'mapping')
    return { ...stage, sources: stage.sources === SOURCES ? [SHOP_KEEPS, KEYED] : SOURCES };
  if (kind === 'reorder')
    return {
      ...stage,
      objects: objects.map((one) => ({
        ...one,
        modified: 1_775_300_000 + draw.below(objects.length),
      })),
    };
  const bytes = content(draw, victim.key.split('/')[0] ?? '');
  const copy = { ...victim, key: victim.key.replace(/([^/]+)$/, `f${number}-of-$1`) };
  const after = {
    replace: [...others, { ...victim, bytes, modified: victim.modified + 10 }],
    touch: [...others, { ...victim, modified: victim.modified + 1 }],
    remove: others,
    copy: [...objects, copy],
  };
  return { ...stage, objects: after[kind] };
}

const NOTHING: Stage = {
  objects: [],
  sources: SOURCES,
  rates: RATES,
  timeZone: 'Australia/Sydney',
};

/**
 * A history of two to five runs, each with one to four changes, and the points at which a process
 * is killed: at most one per run.
 */
export type LongHistory = { stages: Stage[]; kills: (Fault | undefined)[] };

/** The long history that the seed draws. */
export function longHistory(seed: number): LongHistory {
  const draw = drawing(seed);
  let number = 0;
  let stage: Stage = { ...NOTHING, objects: draw.once(2) ? [BASE] : [] };
  const stages = Array.from({ length: 2 + draw.below(4) }, () => {
    for (let left = 1 + draw.below(4); left > 0; left--) stage = changed(draw, stage, ++number);
    return stage;
  });
  const kills = stages.map(() =>
    draw.once(2)
      ? { at: draw.below(80), when: draw.of(['before', 'midway', 'after'] as const) }
      : undefined,
  );
  return { stages, kills };
}

/**
 * The history that the seed draws: up to two runs before the one that is killed, which has one to
 * three changes to process.
 */
export function lakeHistory(seed: number): LakeHistory {
  const draw = drawing(seed);
  let number = 0;
  const some = (stage: Stage, times: number): Stage => {
    let next = stage;
    for (let time = 0; time < times; time++) next = changed(draw, next, ++number);
    return next;
  };
  const first = {
    ...NOTHING,
    objects: [
      ...(draw.once(3) ? [] : [BASE]),
      ...Array.from({ length: 3 + draw.below(3) }, () => object(draw, ++number)),
    ],
  };
  const stages = [first];
  for (let run = draw.below(3); run > 0; run--)
    stages.push(some(stages.at(-1)!, 1 + draw.below(3)));
  // The last stage always has work to do.
  const last = some(stages.at(-1)!, draw.below(3));
  if (stages.length > 1 || !draw.once(4))
    stages.push({ ...last, objects: [...last.objects, object(draw, ++number)] });
  return {
    stages,
    behind: stages.length > 2 && draw.once(3),
    // So that the commit of the killed run is the twentieth, which writes a checkpoint.
    commitsBefore: stages.length > 1 && draw.once(5) ? 19 : 0,
  };
}

/** The lake as input of the oracle. */
export const oracleInput = (stage: Stage, registry: ReadonlyMap<string, number>): OracleInput => ({
  ...stage,
  maxAgeDays: 7,
  maxQuarantinedShare: 1,
  maxInflation: 200,
  firstCustomerId: 1_000_000_001,
  registry: new Map(registry),
});
