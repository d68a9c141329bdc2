import type { Source } from '../../src/medallion/source.ts';
import type { Draw } from '../faults/lake-history.ts';
import { type HandSource, handSource } from '../oracle/hand-lake.ts';
import { isMet } from './hazards.ts';
import type { OracleRate } from '../oracle/index.ts';

/** The part of a lake's configuration that histories draw. */
export type Settings = {
  maxQuarantinedShare: number;
  /** The share stays as it is. */
  isShareFixed?: true;
  firstCustomerId: number;
  /** The columns that form the amount of a line. */
  line: 'product' | 'sum';
  /** True if the shop's rows have versions and deletes. */
  ordered: boolean;
  rates: readonly OracleRate[];
  /** A name that the till's customers use instead of their own. */
  tillName: string | undefined;
  /** The sources that files come from; a name that is repeated is drawn more often. */
  files: readonly SourceName[];
};

const RATES: readonly OracleRate[] = [
  { currency: 'EUR', rate_date: '2026-03-27', rate: '1.650000000005' },
  { currency: 'USD', rate_date: '2026-03-27', rate: '1.550000000000' },
];
const MORE_RATES: readonly OracleRate[] = [
  ...RATES,
  { currency: 'JPY', rate_date: '2026-03-27', rate: '0.009876543215' },
  { currency: 'USD', rate_date: '2026-03-30', rate: '1.500000000000' },
];
/**
 * Rates that are not configured: they are next to those in use, under a name that the configured
 * name matches as a pattern.
 */
export const OTHER_RATES: readonly OracleRate[] = [
  { currency: 'EUR', rate_date: '2026-03-27', rate: '9.000000000000' },
  { currency: 'USD', rate_date: '2026-03-27', rate: '9.000000000000' },
];

const shareOf = (draw: Draw): number => {
  const share = draw.of([1, 1, 1, 0.5, 0.34, 0.2]);
  return isMet('shares') ? share : 1;
};

/** The settings of a new lake. */
export const settingsOf = (draw: Draw): Settings => ({
  maxQuarantinedShare: shareOf(draw),
  firstCustomerId: draw.once(3) ? 5000 : 1_000_000_001,
  line: draw.once(2) ? 'product' : 'sum',
  ordered: !draw.once(3),
  rates: RATES,
  tillName: draw.once(3) ? '${env:PLANTED_SECRET}' : undefined,
  files: ['shop', 'shop', 'shop', 'old', 'keyed', 'keyed', 'till', 'lines'],
});

/**
 * The settings with one of them changed. Rows of an erased person count in the rejected share as
 * they were (SPEC section 8), which the oracle, who reads them again, cannot know: other rates and
 * a share below 1 do not meet in a lake that `hasErased`.
 */
export function otherSettings(draw: Draw, settings: Settings, hasErased: boolean): Settings {
  const kind = draw.below(3);
  if (kind === 0 && settings.isShareFixed !== true)
    return { ...settings, maxQuarantinedShare: shareOf(draw) };
  if (kind < 2 || (hasErased && settings.maxQuarantinedShare < 1))
    return { ...settings, ordered: !settings.ordered };
  const rates = settings.rates === RATES ? MORE_RATES : RATES;
  return { ...settings, rates, ...(hasErased ? { isShareFixed: true } : {}) };
}

const PERSON = 'first_name,last_name,email';

/** The header of a source's files. */
export const HEADERS = {
  shop: `customer_id,${PERSON},purchase_id,purchase_date,amount,currency,updated_at,operation`,
  old: `customer_id,${PERSON},purchase_id,purchase_date,amount,currency`,
  keyed: `customer,${PERSON},purchase_id,purchase_date,amount,currency`,
  till: 'customer_id,email,purchase_date,amount',
  lines: `customer_id,${PERSON},purchase_id,purchase_date,left,right,currency`,
} as const;

export type SourceName = keyof typeof HEADERS;

const TERMS = { product: ['left', 'right'], sum: ['left', 'right'] };

/** The sources as in a configuration file. */
function sourceInputs({ line, ordered, tillName }: Settings): object[] {
  const named = tillName === undefined ? {} : { full_name: { constant: tillName } };
  const order = { updated_at: 'updated_at', operation: { column: 'operation', deletes: ['void'] } };
  return [
    { name: 'shop', match: 'shop/**', ...(ordered ? { fields: order } : {}) },
    { name: 'old', match: 'old/**', format: { encoding: 'latin1' } },
    { name: 'keyed', match: 'keyed/**', fields: { customer_key: 'customer' } },
    {
      name: 'till',
      match: 'till/**',
      defaultCurrency: 'AUD',
      fields: { purchase_id: null, ...named },
    },
    {
      name: 'lines',
      match: 'lines/**',
      rows: 'lines',
      fields: { amount: { [line]: TERMS[line] } },
    },
  ];
}

/** The same sources as input of the oracle. */
export function sourcesOf({ line, ordered, tillName }: Settings): Source[] {
  const named: HandSource['fields'] =
    tillName === undefined ? {} : { full_name: { kind: 'constant', value: tillName } };
  const terms = TERMS[line].map((column) => ({ column }));
  return [
    handSource({
      name: 'shop',
      match: 'shop/**',
      ...(ordered
        ? { fields: { updated_at: 'updated_at', operation: 'operation' }, deletes: ['void'] }
        : {}),
    }),
    handSource({
      name: 'old',
      match: 'old/**',
      format: { decimal: '.', thousands: '', encoding: 'latin1' },
    }),
    handSource({ name: 'keyed', match: 'keyed/**', fields: { customer_key: 'customer' } }),
    handSource({
      name: 'till',
      match: 'till/**',
      defaultCurrency: 'AUD',
      fields: { purchase_id: null, ...named },
    }),
    handSource({
      name: 'lines',
      match: 'lines/**',
      rows: 'lines',
      fields: {
        amount:
          line === 'product'
            ? { kind: 'product', factors: [terms[0]!, terms[1]!] }
            : { kind: 'sum', terms, minus: [] },
      },
    }),
  ];
}

export type Places = { lake: string; warehouse: string; rates: string };

/** A configuration file. */
export const configText = (settings: Settings, { lake, warehouse, rates }: Places): string =>
  JSON.stringify({
    lake,
    warehouse,
    fx: { rates },
    firstCustomerId: settings.firstCustomerId,
    limits: { maxQuarantinedShare: settings.maxQuarantinedShare },
    sources: sourceInputs(settings),
  });

export const ratesText = (rates: readonly OracleRate[]): string =>
  ['currency,rate_date,rate_aud', ...rates.map((row) => Object.values(row).join(',')), ''].join(
    '\n',
  );
