-- What a load from one gold to another stages.
select a.customer_id, a.full_name, a.email, a.total_spent_aud, a.first_purchase_date, a.last_purchase_date, 'upsert' as operation from gold_after a left join gold_before b on b.customer_id = a.customer_id
where b.customer_id is null or a.full_name is distinct from b.full_name or a.email is distinct from b.email or a.total_spent_aud is distinct from b.total_spent_aud or a.first_purchase_date is distinct from b.first_purchase_date or a.last_purchase_date is distinct from b.last_purchase_date
union all
select b.customer_id, null, null, null, null, null, 'delete' as operation from gold_before b
where not exists (select 1 from gold_after a where a.customer_id = b.customer_id)
order by customer_id
