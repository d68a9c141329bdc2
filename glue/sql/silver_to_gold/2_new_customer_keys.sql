-- New customer keys get the next integers.
create or replace temporary view fresh as
select customer_key, first_arrival, first_arrival div {width} as bucket from (
  select customer_key, min(arrival) as first_arrival from versions_read v
  where customer_key is not null and not exists (select 1 from customer_keys k where k.customer_key = v.customer_key)
  group by customer_key);

create or replace temporary view buckets as
select bucket, count(*) as n from fresh group by bucket;

create or replace temporary view starts as
select b.bucket, coalesce(sum(a.n), 0) as before from buckets b left join buckets a on a.bucket < b.bucket group by b.bucket;

create or replace temporary view ordered as
select customer_key, before + row_number() over (partition by f.bucket order by first_arrival) - 1 as n
from fresh f join starts s on s.bucket = f.bucket;

create or replace temporary view taken as
select customer_id from versions_read where customer_id >= {next}
union select customer_id from former_keys where customer_id >= {next};

create or replace temporary view numbered as
select customer_key, cast({next} + n as bigint) as customer_id from ordered;
