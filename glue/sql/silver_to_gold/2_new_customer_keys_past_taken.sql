-- The same where rows have some of these integers as their customer_id.
create or replace temporary view free as
select r.id, (r.id - {next}) div {width} as bucket from range({next}, {end}) r left anti join taken t on t.customer_id = r.id;

create or replace temporary view free_buckets as
select bucket, count(*) as n from free group by bucket;

create or replace temporary view free_starts as
select b.bucket, coalesce(sum(a.n), 0) as before from free_buckets b left join free_buckets a on a.bucket < b.bucket group by b.bucket;

create or replace temporary view numbered as
select o.customer_key, i.id as customer_id from ordered o
join (select id, before + row_number() over (partition by f.bucket order by id) - 1 as n
  from free f join free_starts s on s.bucket = f.bucket) i on i.n = o.n;
