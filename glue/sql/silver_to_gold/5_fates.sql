-- Outcomes of the rows of each object.
select object_key, fate, cast(sum(lines) as bigint) as lines from (select * from outcomes) f group by object_key, fate having sum(lines) > 0
