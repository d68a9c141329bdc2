-- The view rates_by_day: a row a currency and day.
select currency, rate_date + age as rate_day, rate, rate_date, millionths, rest
from (
  select currency, rate_date, rate, cast(replace(substr(cast(rate as string), 1, length(cast(rate as string)) - 6), '.', '') as bigint) as millionths,
    cast(right(cast(rate as string), 6) as bigint) as rest, lead(rate_date) over (partition by currency order by rate_date) as next_date from rates
) published
cross join (values (0), (1), (2), (3), (4), (5), (6), (7)) as ages(age)
where next_date is null or rate_date + age < next_date
