-- Refused rows and objects by reason; a row with several reasons counts for each.
select
  reason,
  count(*) as refused,
  count(distinct q.object_key) as objects,
  min(q.ingestion_date) as first_day,
  max(q.ingestion_date) as last_day
from quarantine q
cross join unnest(split(q.reasons, ',')) as r (reason)
group by reason
order by refused desc, reason
