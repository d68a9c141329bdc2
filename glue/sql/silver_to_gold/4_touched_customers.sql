-- Winners of just the customers whom the change touches.
create or replace temporary view changed as
select s.source, s.purchase_id, s.customer_id, s.customer_key from changed_rows s join wanted w on w.object_key = s.object_key and w.silver = s.silver;

create or replace temporary view changed_purchases as
select distinct source, purchase_id from changed;

create or replace temporary view named_customers as
select distinct coalesce(c.customer_id, k.customer_id) as customer_id
from changed c left join customer_keys k on k.customer_key = c.customer_key
where coalesce(c.customer_id, k.customer_id) is not null;

create or replace temporary view touched_customers as
select customer_id from named_customers
union select v.customer_id from versions v semi join changed_purchases p on p.source = v.source and p.purchase_id = v.purchase_id where v.customer_id is not null;

create or replace temporary view affected_purchases as
select source, purchase_id from changed_purchases
union select v.source, v.purchase_id from versions v semi join touched_customers t on t.customer_id = v.customer_id;

create or replace temporary view affected_versions as
select v.source, v.purchase_id, v.customer_id, v.customer_key, v.first_name, v.last_name, v.full_name, v.email, v.purchase_date, v.amount, v.currency, v.updated_number, v.updated_micros, v.deletes, v.rate, v.rate_date, v.amount_aud, v.has_name, v.has_email, v.lines, v.repairs, v.object_key, v.object_modified, v.row_number, v.arrival from versions v semi join affected_purchases p on p.source = v.source and p.purchase_id = v.purchase_id;

create or replace temporary view repeated as
select id_hash from (select xxhash64(source, purchase_id) as id_hash from affected_versions) h group by id_hash having count(*) > 1;

create or replace temporary view ranked as
select *,
  row_number() over (partition by source, purchase_id order by case when updated_micros is not null then 2 when updated_number is not null then 1 else 0 end desc,
    coalesce(updated_micros, 0) desc, coalesce(updated_number, 0) desc, arrival desc) as place
from (select v.source, v.purchase_id, v.customer_id, v.customer_key, v.first_name, v.last_name, v.full_name, v.email, v.purchase_date, v.amount, v.currency, v.updated_number, v.updated_micros, v.deletes, v.rate, v.rate_date, v.amount_aud, v.has_name, v.has_email, v.lines, v.repairs, v.object_key, v.object_modified, v.row_number, v.arrival from (select *, xxhash64(source, purchase_id) as id_hash from affected_versions) v semi join repeated r on r.id_hash = v.id_hash);

create or replace temporary view superseded as
select arrival from ranked where place > 1;

create or replace temporary view winners as
select v.* from affected_versions v semi join touched_customers t on t.customer_id = v.customer_id
anti join superseded s on s.arrival = v.arrival where not v.deletes;

create or replace temporary view recomputed as
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
group by customer_id;

create or replace temporary view outcomes as
select v.object_key,
  case when v.place = 1 then case when v.deletes then 'deleted' else 'accepted' end
    when v.customer_id is not distinct from w.customer_id and v.customer_key is not distinct from w.customer_key and v.first_name is not distinct from w.first_name and v.last_name is not distinct from w.last_name and v.full_name is not distinct from w.full_name and v.email is not distinct from w.email and v.purchase_date is not distinct from w.purchase_date and v.amount is not distinct from w.amount and v.currency is not distinct from w.currency and v.updated_number is not distinct from w.updated_number and v.updated_micros is not distinct from w.updated_micros and v.deletes is not distinct from w.deletes then 'duplicate' else 'superseded' end as fate,
  v.lines
from (select v.* from ranked v semi join changed_purchases p on p.source = v.source and p.purchase_id = v.purchase_id) v join (select v.* from ranked v semi join changed_purchases p on p.source = v.source and p.purchase_id = v.purchase_id) w on w.source = v.source and w.purchase_id = v.purchase_id and w.place = 1
union all select object_key, case when deletes then 'deleted' else 'accepted' end as fate, lines from (select v.* from affected_versions v semi join changed_purchases p on p.source = v.source and p.purchase_id = v.purchase_id) a
union all select object_key, case when deletes then 'deleted' else 'accepted' end as fate, -lines from (select v.* from ranked v semi join changed_purchases p on p.source = v.source and p.purchase_id = v.purchase_id);
