-- Gold on top of the gold before.
select * from (select g.* from gold_before g anti join touched_customers t on t.customer_id = g.customer_id
union all select * from recomputed) order by customer_id
