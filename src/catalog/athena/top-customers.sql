-- The five customers who spent most, in Australian dollars, refunds taken off.
select customer_id, full_name, email, total_spent_aud, purchase_count, last_purchase_date
from gold
order by total_spent_aud desc, customer_id
limit 5
