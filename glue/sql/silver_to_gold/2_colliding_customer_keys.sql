-- Rows that have a customer_id of the registry fail the run.
select v.customer_id, v.object_key, v.row_number, v.arrival from versions_read v left semi join customer_keys k on k.customer_id = v.customer_id
where v.customer_id between {first} and {last}
