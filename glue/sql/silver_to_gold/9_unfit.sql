-- A total that does not fit fails the run.
select customer_id from gold where total_spent_aud is null order by customer_id limit 1
