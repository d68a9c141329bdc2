{{ config(materialized = 'external', location = env_var('BENCH_OUT') ~ '/silver.parquet') }}

select
  p.*,
  cast(round(cast(p.amount as decimal(19,4)) * case when p.currency = 'AUD' then 1 else r.rate_aud end, 2) as decimal(18,2)) as amount_aud
from {{ ref('purchases') }} as p
left join {{ ref('dated_rates') }} as r using (currency, purchase_date)
where p.customer_id is not null
  and p.purchase_id is not null
  and p.purchase_date is not null
  and p.amount is not null
  and (p.currency = 'AUD' or r.rate_aud is not null)
