import type { Stage } from './sql/stages.ts';

/**
 * The rate of every currency on every day for which it is valid: the last one published on or
 * before that day, at most `maxAgeDays` old (SPEC section 5). A plain join on currency and day then
 * finds it; a join on ranges would differ between engines. `rates` has currency, rate_date and
 * rate. The rate is also split into two whole numbers, rate = millionths x 10^-6 + rest x 10^-12,
 * cut out of its text once: DuckDB converts common amounts by them far faster than by wide
 * decimals.
 */
export function ratesByDay(rates: string, maxAgeDays: number): string {
  const ages = Array.from({ length: maxAgeDays + 1 }, (_, age) => `(${age})`).join(', ');
  return `select currency, rate_date + age as rate_day, rate, rate_date, millionths, rest
from (
  select currency, rate_date, rate, cast(replace(substr(cast(rate as string), 1, length(cast(rate as string)) - 6), '.', '') as bigint) as millionths,
    cast(right(cast(rate as string), 6) as bigint) as rest, lead(rate_date) over (partition by currency order by rate_date) as next_date from ${rates}
) published
cross join (values ${ages}) as ages(age)
where next_date is null or rate_date + age < next_date`;
}

/**
 * The purchase date where it is in range; a rate is looked up for no other. `arrivalDay` is a DATE
 * in SQL.
 */
export const dateInRange = (arrivalDay: string): Stage => [
  [
    'date_in_range',
    `case when purchase_date between date '1900-01-01' and ${arrivalDay} + 1 then purchase_date end`,
  ],
];

/**
 * Adds the rate from `rates_by_day` to rows with `currency` and `date_in_range`: 1 for AUD, null
 * where there is none.
 */
export const withRates = (rows: string): string => `select c.*,
  case when c.currency = 'AUD' and c.date_in_range is not null then cast(1 as decimal(18,12)) else r.rate end as rate,
  case when c.currency = 'AUD' and c.date_in_range is not null then cast(1000000 as bigint) else r.millionths end as millionths,
  case when c.currency = 'AUD' then cast(0 as bigint) else r.rest end as rest,
  r.rate_date
from (${rows}) c
left join rates_by_day r on r.currency = c.currency and r.rate_day = c.date_in_range`;

/**
 * The objects among `lookups` (object_key, currency, purchase_date, rate, rate_date) whose recorded
 * rates are not those of `rates_by_day`.
 */
export const lookedUpOtherwise = (lookups: string): string => `select distinct l.object_key
from (select distinct object_key, currency, purchase_date, rate, rate_date from ${lookups} where currency <> 'AUD' and purchase_date is not null) l
left join rates_by_day r on r.currency = l.currency and r.rate_day = l.purchase_date
where r.rate is distinct from l.rate or r.rate_date is distinct from l.rate_date`;
