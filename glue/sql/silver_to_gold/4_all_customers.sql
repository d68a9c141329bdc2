-- Winners if gold is rebuilt.
create or replace temporary view repeated as
select id_hash from (select xxhash64(source, purchase_id) as id_hash from versions) h group by id_hash having count(*) > 1;

create or replace temporary view ranked as
select *,
  row_number() over (partition by source, purchase_id order by case when updated_micros is not null then 2 when updated_number is not null then 1 else 0 end desc,
    coalesce(updated_micros, 0) desc, coalesce(updated_number, 0) desc, arrival desc) as place
from (select v.source, v.purchase_id, v.customer_id, v.customer_key, v.first_name, v.last_name, v.full_name, v.email, v.purchase_date, v.amount, v.currency, v.updated_number, v.updated_micros, v.deletes, v.rate, v.rate_date, v.amount_aud, v.has_name, v.has_email, v.lines, v.repairs, v.object_key, v.object_modified, v.row_number, v.arrival from (select *, xxhash64(source, purchase_id) as id_hash from versions) v semi join repeated r on r.id_hash = v.id_hash);

create or replace temporary view superseded as
select arrival from ranked where place > 1;

create or replace temporary view winners as
select v.* from versions v anti join superseded s on s.arrival = v.arrival where not v.deletes;

create or replace temporary view outcomes as
select v.object_key,
  case when v.place = 1 then case when v.deletes then 'deleted' else 'accepted' end
    when v.customer_id is not distinct from w.customer_id and v.customer_key is not distinct from w.customer_key and v.first_name is not distinct from w.first_name and v.last_name is not distinct from w.last_name and v.full_name is not distinct from w.full_name and v.email is not distinct from w.email and v.purchase_date is not distinct from w.purchase_date and v.amount is not distinct from w.amount and v.currency is not distinct from w.currency and v.updated_number is not distinct from w.updated_number and v.updated_micros is not distinct from w.updated_micros and v.deletes is not distinct from w.deletes then 'duplicate' else 'superseded' end as fate,
  v.lines
from ranked v join ranked w on w.source = v.source and w.purchase_id = v.purchase_id and w.place = 1
union all select object_key, case when deletes then 'deleted' else 'accepted' end as fate, lines from versions
union all select object_key, case when deletes then 'deleted' else 'accepted' end as fate, -lines from ranked;
