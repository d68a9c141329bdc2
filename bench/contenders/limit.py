"""The limit: DuckDB in a special-purpose script. No history, no quarantine, no ledger, no checks, and casts that accept too much:
its time is the cost of the work itself."""

import duckdb

from task import chunks, read_task, serve

task = read_task()
silver, gold, staging = (task.out / name for name in ("silver.parquet", "gold.parquet", "staging.csv"))
PARQUET = "(format parquet, compression snappy, dictionary_size_limit 1000)"

db = duckdb.connect()

# A rate applies to its own day and those after it, until the next one or for 7 days. The rates of the files' five currencies and four years
# become lists, one position per day: a join would lose the order of the rows, which decides the latest version. A rate is cut into two whole numbers,
# millionths and the six digits after them, so that money is multiplied in 64 bits: four times as fast as in DECIMAL(28,14).
CURRENCIES = "['AUD', 'USD', 'EUR', 'GBP', 'NZD']"
db.execute(
    f"""
    create temp table rates as
    with published as materialized (
      select currency, rate_date, (rate_aud * 1000000000000)::bigint as rate,
        lead(rate_date) over (partition by currency order by rate_date) as next_date
      from read_csv(?, header = true, auto_detect = false, columns = {{currency: 'varchar', rate_date: 'date', rate_aud: 'decimal(18,12)'}})
      where rate_date >= date '2021-12-20' and list_contains({CURRENCIES}, currency)
    ),
    dated as materialized (
      select currency, rate_date + age::int as day, rate
      from published, range(8) ages(age)
      where next_date is null or rate_date + age::int < next_date
    )
    select place, d.day, case when place = 1 then 1000000000000 else rate end as rate
    from (select unnest({CURRENCIES}) as currency, generate_subscripts({CURRENCIES}, 1) as place) c
    cross join (select day::date as day from generate_series(date '2022-01-01', date '2025-12-31', interval 1 day) days(day)) d
    left join dated on dated.currency = c.currency and dated.day = d.day
    """,
    [task.rates],
)
db.execute("set variable millionths = (select list(rate // 1000000 order by place, day) from rates)")
db.execute("set variable rest = (select list(rate % 1000000 order by place, day) from rates)")
DAYS = db.execute("select count(distinct day) from rates").fetchone()[0]

# Names and addresses of a regular row are used unchanged.
db.execute(
    f"""
    copy (
      with typed as (
        select
          try_cast(customer_id as int) as customer_id,
          case when contains(first_name, ' ') then regexp_replace(trim(first_name), ' +', ' ', 'g') else first_name end as first_name,
          case when contains(last_name, '  ') then regexp_replace(trim(last_name), ' +', ' ', 'g') else last_name end as last_name,
          case when contains(email, '@') then lower(email) end as email,
          purchase_id,
          try_cast(purchase_date as date) as purchase_date,
          (try_cast(amount as decimal(18,2)) * 100)::bigint as cents,
          upper(currency) as currency
        from read_csv(?, header = true, auto_detect = false, delim = ',', quote = '', escape = '', columns = {{
          customer_id: 'varchar', first_name: 'varchar', last_name: 'varchar', email: 'varchar', purchase_id: 'varchar',
          purchase_date: 'varchar', amount: 'varchar', currency: 'varchar'}})
      ),
      placed as (
        select *, (list_position({CURRENCIES}, currency) - 1) * {DAYS} + (purchase_date - date '2021-12-31') as place
        from typed
      ),
      rated as (
        select * exclude (place), getvariable('millionths')[place] as millionths, getvariable('rest')[place] as rest
        from placed
      )
      select customer_id, first_name, last_name, email, purchase_id, purchase_date, cents, currency,
        -- |cents| x rate in 10^-12, its last six digits only asked whether they lift a half: half away from zero.
        sign(cents) * ((abs(cents) * millionths + (abs(cents) * rest) // 1000000 + 500000) // 1000000) as cents_aud
      from rated
      where customer_id is not null and purchase_id is not null and cents is not null and millionths is not null
    ) to '{silver}' {PARQUET}
    """,
    [task.bronze],
)

# Only purchases that occur twice are ranked.
db.execute(
    f"""
    create temp table repeated as
    select hash from (select hash(purchase_id) as hash from '{silver}') group by hash having count(*) > 1
    """
)
db.execute(
    f"""
    create temp view versions as
    select *, hash(purchase_id) as hash from read_parquet('{silver}', file_row_number = true)
    """
)
db.execute(
    f"""
    copy (
      select
        customer_id,
        max_by(coalesce(first_name || ' ' || last_name, first_name, last_name), newest)
          filter (where first_name is not null or last_name is not null) as full_name,
        max_by(email, newest) filter (where email is not null) as email,
        (sum(cents_aud)::decimal(18,0) * 0.01)::decimal(18,2) as total_spent_aud,
        min(purchase_date) filter (where cents >= 0) as first_purchase_date,
        max(purchase_date) filter (where cents >= 0) as last_purchase_date
      from (
        select *, (purchase_date - date '1970-01-01') * 1099511627776 + file_row_number as newest
        from (
          from versions anti join repeated using (hash)
          union all
          (from versions semi join repeated using (hash)
           qualify row_number() over (partition by purchase_id order by file_row_number desc) = 1)
        )
      )
      group by customer_id
      order by customer_id
    ) to '{gold}' {PARQUET}
    """
)
db.execute(f"copy (from '{gold}') to '{staging}' (format csv, header false)")
db.close()
serve(task.database, chunks(staging))
