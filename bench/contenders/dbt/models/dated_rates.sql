{{ config(materialized = 'table') }}

with published as (
  select
    *,
    lead(rate_date) over (partition by currency order by rate_date) as next_date
  from read_csv(
    '{{ env_var("BENCH_RATES") }}',
    columns = {'currency': 'varchar', 'rate_date': 'date', 'rate_aud': 'decimal(18,12)'}
  )
)

select currency, rate_date + cast(age as int) as purchase_date, rate_aud
from published, range(8) as ages(age)
where next_date is null or rate_date + cast(age as int) < next_date
