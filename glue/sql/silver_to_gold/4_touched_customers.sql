-- Winners of just the customers whom the change touches.
create or replace temporary view changed as
select s.source, s.purchase_id, s.customer_id, s.customer_key from changed_rows s join wanted w on w.object_key = s.object_key and w.silver = s.silver;

create or replace temporary view changed_purchases as
select distinct source, purchase_id from changed;

create or replace temporary view ranked as
select *,
  row_number() over (partition by source, purchase_id order by case when updated_micros is not null then 2 when updated_number is not null then 1 else 0 end desc,
    coalesce(updated_micros, 0) desc, coalesce(updated_number, 0) desc, arrival desc) as place
from (select source, purchase_id, customer_id, customer_key, first_name, last_name, full_name, email, purchase_date, amount, currency, updated_number, updated_micros, deletes, rate, rate_date, amount_aud, has_name, has_email, lines, repairs, object_key, object_modified, row_number, arrival from versions v left semi join changed_purchases c on c.source = v.source and c.purchase_id = v.purchase_id);

create or replace temporary view touched_customers as
select customer_id from ranked
union select coalesce(c.customer_id, k.customer_id) from changed c left join customer_keys k on k.customer_key = c.customer_key;

create or replace temporary view candidate_purchases as
select distinct source, purchase_id from versions v left semi join touched_customers t on t.customer_id = v.customer_id;

create or replace temporary view candidates as
select *,
  row_number() over (partition by source, purchase_id order by case when updated_micros is not null then 2 when updated_number is not null then 1 else 0 end desc,
    coalesce(updated_micros, 0) desc, coalesce(updated_number, 0) desc, arrival desc) as place
from (select source, purchase_id, customer_id, customer_key, first_name, last_name, full_name, email, purchase_date, amount, currency, updated_number, updated_micros, deletes, rate, rate_date, amount_aud, has_name, has_email, lines, repairs, object_key, object_modified, row_number, arrival from versions v left semi join candidate_purchases p on p.source = v.source and p.purchase_id = v.purchase_id);

create or replace temporary view winners as
select source, purchase_id, customer_id, customer_key, first_name, last_name, full_name, email, purchase_date, amount, currency, updated_number, updated_micros, deletes, rate, rate_date, amount_aud, has_name, has_email, lines, repairs, object_key, object_modified, row_number, arrival from candidates v left semi join touched_customers t on t.customer_id = v.customer_id where place = 1 and not deletes;

create or replace temporary view outcomes as
select v.object_key,
  case when v.place = 1 then case when v.deletes then 'deleted' else 'accepted' end
    when v.customer_id is not distinct from w.customer_id and v.customer_key is not distinct from w.customer_key and v.first_name is not distinct from w.first_name and v.last_name is not distinct from w.last_name and v.full_name is not distinct from w.full_name and v.email is not distinct from w.email and v.purchase_date is not distinct from w.purchase_date and v.amount is not distinct from w.amount and v.currency is not distinct from w.currency and v.updated_number is not distinct from w.updated_number and v.updated_micros is not distinct from w.updated_micros and v.deletes is not distinct from w.deletes then 'duplicate' else 'superseded' end as fate,
  v.lines
from ranked v join ranked w on w.source = v.source and w.purchase_id = v.purchase_id and w.place = 1;
