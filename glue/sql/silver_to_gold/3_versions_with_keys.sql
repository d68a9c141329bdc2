-- The view versions where a row has a customer key.
select v.source, v.purchase_id, coalesce(v.customer_id, k.customer_id) as customer_id, v.customer_key, v.first_name, v.last_name, v.full_name, v.email, v.purchase_date, v.amount, v.currency, v.updated_number, v.updated_micros, v.deletes, v.rate, v.rate_date, v.amount_aud, v.has_name, v.has_email, v.lines, v.repairs, v.object_key, v.object_modified, v.row_number, v.arrival
from versions_read v left join customer_keys k on k.customer_key = v.customer_key
