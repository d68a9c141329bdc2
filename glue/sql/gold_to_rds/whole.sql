-- What a load of all of gold stages.
select a.customer_id, a.full_name, a.email, a.total_spent_aud, a.first_purchase_date, a.last_purchase_date, 'upsert' as operation from gold_after a order by customer_id
