import type { FieldRule, Source } from '../../src/medallion/source.ts';
import { oracle } from './oracle.ts';
import type { OracleInput, OracleOutput } from './types.ts';

type Fields = Record<string, string | FieldRule | null>;
export type HandSource = Partial<Omit<Source, 'fields'>> & { fields?: Fields };
export type HandObject = string | Uint8Array | { content: string | Uint8Array; modified: number };
export type HandLake = Partial<Omit<OracleInput, 'objects' | 'sources'>> & {
  objects: Record<string, HandObject>;
  source?: HandSource;
  sources?: HandSource[];
};

const DEFAULTS = [
  'customer_id',
  'first_name',
  'last_name',
  'email',
  'purchase_id',
  'purchase_date',
  'amount',
  'currency',
];

/**
 * A source as the pipeline completes it: the default fields are their own columns, null leaves one
 * out.
 */
export function handSource({ fields = {}, ...rest }: HandSource = {}): Source {
  const named: Fields = Object.fromEntries(DEFAULTS.map((field) => [field, field]));
  if ('customer_key' in fields) delete named['customer_id'];
  const rules = Object.entries({ ...named, ...fields }).flatMap(([field, rule]) => {
    if (rule === null) return [];
    return [[field, typeof rule === 'string' ? { kind: 'column', column: rule } : rule]];
  });
  return {
    name: 'shop',
    match: '**',
    rows: 'purchases',
    format: { decimal: '.', thousands: '' },
    dateFormats: [],
    deletes: [],
    ...rest,
    fields: Object.fromEntries(rules) as Source['fields'],
  };
}

/** 2026-01-31 12:00 in Sydney, for objects whose key has no date. */
export const NOON = 1_769_821_200;

/**
 * The oracle over a hand-written lake: Sydney's days, EUR at 2 and USD at 1.5 AUD from 2026-01-30
 * on.
 */
export function handOracle({
  objects,
  source = {},
  sources = [source],
  ...settings
}: HandLake): OracleOutput {
  return oracle({
    sources: sources.map(handSource),
    timeZone: 'Australia/Sydney',
    rates: [
      { currency: 'EUR', rate_date: '2026-01-30', rate: '2.000000000000' },
      { currency: 'USD', rate_date: '2026-01-30', rate: '1.500000000000' },
    ],
    maxAgeDays: 7,
    maxQuarantinedShare: 1,
    maxInflation: 200,
    firstCustomerId: 1_000_000_001,
    registry: new Map(),
    ...settings,
    objects: Object.entries(objects).map(([key, given]) => {
      const isDated = typeof given === 'object' && 'content' in given;
      const content = isDated ? given.content : given;
      const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
      return { key, bytes, modified: isDated ? given.modified : NOON };
    }),
  });
}

type Values = Record<string, string>;
const GOOD: Values = {
  customer_id: '1',
  purchase_id: 'p',
  purchase_date: '2026-01-31',
  amount: '10',
  currency: 'AUD',
};

/** One CSV object with one row: the given values, or good ones in their place, each in quotes. */
export function oneRow(values: Values): string {
  const all = { ...GOOD, ...values };
  const line = Object.values(all).map((value) => `"${value.replaceAll('"', '""')}"`);
  return `${Object.keys(all).join(',')}\n${line.join(',')}\n`;
}

/** The outcome of one row: its version, or its reasons. */
export function outcomeOfRow(
  values: Values,
  source: HandSource = {},
  settings: Partial<HandLake> = {},
) {
  const out = handOracle({ ...settings, objects: { '2026-01-31/a.csv': oneRow(values) }, source });
  const report = out.objects.get('2026-01-31/a.csv');
  return {
    ...out.versions[0],
    reasons: out.quarantine[0]?.reasons ?? [],
    repairs: report?.repairs,
    report,
  };
}

/**
 * Several good rows of CSV: each a list of customer_id, purchase_id, purchase_date, amount,
 * currency.
 */
export function csv(...rows: string[]): string {
  return ['customer_id,purchase_id,purchase_date,amount,currency', ...rows, ''].join('\n');
}

export type { OracleOutput };
