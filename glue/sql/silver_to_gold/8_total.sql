-- The total over all customers.
select cast(coalesce(sum(total_spent_aud), cast(0 as decimal(18,2))) as string) as total from gold
