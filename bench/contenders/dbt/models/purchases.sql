{{ config(materialized = 'table') }}

select
  -- The order of the files and of their rows: a join would lose it.
  row_number() over () as arrival,
  try_cast(case when regexp_full_match(trim(customer_id), '[+-]?[0-9]+(\.0*)?') then trim(customer_id) end as int) as customer_id,
  nullif(regexp_replace(trim(first_name), '\s+', ' ', 'g'), '') as first_name,
  nullif(regexp_replace(trim(last_name), '\s+', ' ', 'g'), '') as last_name,
  case
    when regexp_full_match(trim(email), '[^\s@<>(),;:"\[\]\\]+@[^\s@<>(),;:"\[\]\\]+\.[^\s@<>(),;:"\[\]\\.]+')
      then lower(trim(email))
  end as email,
  nullif(trim(purchase_id), '') as purchase_id,
  try_cast(replace(trim(purchase_date), '/', '-') as date) as purchase_date,
  try_cast(trim(amount) as decimal(18,4)) as amount,
  upper(trim(currency)) as currency
from read_csv('{{ env_var("BENCH_BRONZE") }}/**/*.csv', header = true, all_varchar = true)
