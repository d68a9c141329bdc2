{{ config(materialized = 'external', location = env_var('BENCH_OUT') ~ '/gold.parquet') }}

with versions as (
  select *, row_number() over (partition by purchase_id order by arrival desc) as place
  from {{ ref('silver') }}
),

counting as (
  select
    *,
    nullif(concat_ws(' ', first_name, last_name), '') as full_name,
    row(purchase_date, arrival) as newest
  from versions
  where place = 1
)

select
  customer_id,
  max_by(full_name, newest) filter (where full_name is not null) as full_name,
  max_by(email, newest) filter (where email is not null) as email,
  cast(sum(amount_aud) as decimal(18,2)) as total_spent_aud,
  min(purchase_date) filter (where amount >= 0) as first_purchase_date,
  max(purchase_date) filter (where amount >= 0) as last_purchase_date
from counting
group by customer_id
order by customer_id
