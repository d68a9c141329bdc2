-- The view versions where none has.
select * from versions_read
