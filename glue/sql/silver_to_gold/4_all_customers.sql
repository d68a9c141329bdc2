-- Winners if gold is rebuilt.
create or replace temporary view repeated as
select id_hash from (select *, xxhash64(source, purchase_id) as id_hash from versions) h group by id_hash having count(*) > 1;

create or replace temporary view ranked as
select *,
  row_number() over (partition by source, purchase_id order by case when updated_micros is not null then 2 when updated_number is not null then 1 else 0 end desc,
    coalesce(updated_micros, 0) desc, coalesce(updated_number, 0) desc, arrival desc) as place
from (select source, purchase_id, customer_id, customer_key, first_name, last_name, full_name, email, purchase_date, amount, currency, updated_number, updated_micros, deletes, rate, rate_date, amount_aud, has_name, has_email, lines, repairs, object_key, object_modified, row_number, arrival from (select *, xxhash64(source, purchase_id) as id_hash from versions) h left semi join repeated r on r.id_hash = h.id_hash);

create or replace temporary view winners as
select v.* from versions v left anti join (select arrival from ranked where place > 1) b on b.arrival = v.arrival where not deletes;

create or replace temporary view outcomes as
select v.object_key,
  case when v.place = 1 then case when v.deletes then 'deleted' else 'accepted' end
    when v.customer_id is not distinct from w.customer_id and v.customer_key is not distinct from w.customer_key and v.first_name is not distinct from w.first_name and v.last_name is not distinct from w.last_name and v.full_name is not distinct from w.full_name and v.email is not distinct from w.email and v.purchase_date is not distinct from w.purchase_date and v.amount is not distinct from w.amount and v.currency is not distinct from w.currency and v.updated_number is not distinct from w.updated_number and v.updated_micros is not distinct from w.updated_micros and v.deletes is not distinct from w.deletes then 'duplicate' else 'superseded' end as fate,
  v.lines
from ranked v join ranked w on w.source = v.source and w.purchase_id = v.purchase_id and w.place = 1
union all select object_key, case when deletes then 'deleted' else 'accepted' end as fate, lines from versions
union all select object_key, case when deletes then 'deleted' else 'accepted' end as fate, -lines from ranked;
