-- Gold if it is rebuilt.
select customer_id,
  max_by(display_name, newest) filter (where display_name is not null) as full_name,
  max_by(email, newest) filter (where email is not null) as email,
  try_cast(sum(amount_aud) as decimal(18,2)) as total_spent_aud,
  min(bought) as first_purchase_date,
  max(bought) as last_purchase_date,
  cast(count(bought) as int) as purchase_count
from (
  select customer_id, email, amount_aud, cast(datediff(purchase_date, date '1970-01-01') as bigint) * 2199023255552 + arrival as newest, case when amount >= 0 then purchase_date end as bought, case when full_name is not null then full_name
    when first_name is null then last_name
    when last_name is null then first_name
    when length(first_name) + length(last_name) < 255 then first_name || ' ' || last_name
    else rtrim(substr(concat_ws(' ', first_name, last_name), 1, 255)) end as display_name
  from winners
) counting
group by customer_id order by customer_id
