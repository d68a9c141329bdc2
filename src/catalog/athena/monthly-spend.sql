-- What was spent each month, in Australian dollars: of each purchase only the newest version counts, refunds are taken off.
with ranked as (
  select
    s.purchase_date,
    s.amount_aud,
    s.customer_id,
    s.deletes,
    row_number() over (
      partition by s.source, s.purchase_id
      order by
        case when s.updated_micros is not null then 2 when s.updated_number is not null then 1 else 0 end desc,
        s.updated_number desc nulls last,
        s.updated_micros desc nulls last,
        s.ingestion_date desc,
        s.object_modified desc,
        to_utf8(s.object_key) desc,
        s.row_number desc
    ) as newness
  from silver s
)
select
  date_trunc('month', purchase_date) as month,
  sum(amount_aud) as spent_aud,
  count_if(amount_aud >= 0) as purchases,
  count_if(amount_aud < 0) as refunds,
  count(distinct customer_id) as customers
from ranked
where newness = 1 and not coalesce(deletes, false)
group by date_trunc('month', purchase_date)
order by month
