-- Every live row with its place in the order of arrival.
select s.source, s.purchase_id, s.customer_id, s.customer_key, s.first_name, s.last_name, s.full_name, s.email, s.purchase_date, s.amount, s.currency, s.updated_number, s.updated_micros, s.deletes, s.rate, s.rate_date, s.amount_aud, s.has_name, s.has_email, s.lines, s.repairs, s.object_key, s.object_modified, s.row_number, l.position + s.row_number as arrival
from silver_rows s join live l on l.object_key = s.object_key and l.silver = s.silver
