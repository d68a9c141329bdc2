"""Polars, lazily and streaming: CSV to silver in one pass, silver to gold in another."""

import polars as pl

from task import chunks, read_task, serve

PATTERN = r"^[^\s@<>(),;:\"\[\]\\]+@[^\s@<>(),;:\"\[\]\\]+\.[^\s@<>(),;:\"\[\]\\.]+$"
BILLION_MILLIONS = 10**12

task = read_task()
silver, gold, staging = (task.out / name for name in ("silver.parquet", "gold.parquet", "staging.csv"))


def text(column: str) -> pl.Expr:
    return pl.col(column).str.strip_chars()


def name(column: str) -> pl.Expr:
    return text(column).str.replace_all(r"\s+", " ")


published = pl.scan_csv(task.rates, schema={"currency": pl.String, "rate_date": pl.Date, "rate_aud": pl.Decimal(18, 12)})
rates = (
    published.sort("currency", "rate_date")
    .with_columns(
        next_date=pl.col("rate_date").shift(-1).over("currency"),
        rate=(pl.col("rate_aud") * BILLION_MILLIONS).cast(pl.Int128),
        age=pl.lit(list(range(8))),
    )
    .explode("age")
    .with_columns(purchase_date=pl.col("rate_date") + pl.duration(days=pl.col("age")))
    .filter(pl.col("next_date").is_null() | (pl.col("purchase_date") < pl.col("next_date")))
    .select("currency", "purchase_date", "rate")
)

(
    pl.scan_csv(task.bronze, infer_schema=False, quote_char=None, row_index_name="arrival")
    .select(
        pl.col("arrival").cast(pl.Int64),
        text("customer_id").str.replace(r"\.0+$", "").cast(pl.Int32, strict=False),
        name("first_name"),
        name("last_name"),
        text("email").str.to_lowercase(),
        text("purchase_id"),
        text("purchase_date").str.replace_all("/", "-", literal=True).str.to_date("%Y-%m-%d", strict=False),
        text("amount").cast(pl.Decimal(18, 4), strict=False),
        text("currency").str.to_uppercase(),
    )
    .with_columns(email=pl.when(pl.col("email").str.contains(PATTERN)).then("email"))
    .join(rates, on=["currency", "purchase_date"], how="left", maintain_order="left")
    .with_columns(rate=pl.when(pl.col("currency") == "AUD").then(pl.lit(BILLION_MILLIONS, pl.Int128)).otherwise("rate"))
    .drop_nulls(["customer_id", "purchase_id", "purchase_date", "amount", "rate"])
    .with_columns(product=(pl.col("amount") * 10_000).cast(pl.Int128) * pl.col("rate"))
    # In cents, half away from zero.
    .with_columns(
        cents_aud=(pl.col("product").sign() * ((pl.col("product").abs() + 50 * BILLION_MILLIONS) // (100 * BILLION_MILLIONS))).cast(pl.Int64)
    )
    .drop("product", "rate")
    .sink_parquet(silver, compression="snappy")
)

newest = pl.col("purchase_date").cast(pl.Int64) * 2**40 + pl.col("arrival")
counts = pl.col("amount") >= 0
(
    pl.scan_parquet(silver)
    .unique("purchase_id", keep="last", maintain_order=True)
    .with_columns(
        full_name=pl.concat_str("first_name", "last_name", separator=" ", ignore_nulls=True),
        newest=newest,
    )
    .group_by("customer_id")
    .agg(
        pl.col("full_name").filter(pl.col("full_name") != "").max_by(pl.col("newest").filter(pl.col("full_name") != "")),
        pl.col("email").filter(pl.col("email").is_not_null()).max_by(pl.col("newest").filter(pl.col("email").is_not_null())),
        total_spent_aud=pl.col("cents_aud").sum(),
        first_purchase_date=pl.col("purchase_date").filter(counts).min(),
        last_purchase_date=pl.col("purchase_date").filter(counts).max(),
    )
    .with_columns(total_spent_aud=pl.col("total_spent_aud").cast(pl.Decimal(18, 2)) / 100)
    .sort("customer_id")
    .sink_parquet(gold, compression="snappy")
)

pl.scan_parquet(gold).sink_csv(staging, include_header=False)
serve(task.database, chunks(staging))
