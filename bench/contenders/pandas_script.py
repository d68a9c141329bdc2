"""pandas, and SQLAlchemy for the table: every file in memory, money in whole cents."""

import csv
import io

import numpy as np
import pandas as pd
from sqlalchemy import create_engine, text

from task import COLUMNS, UPSERT, read_task

PATTERN = r"[^\s@<>(),;:\"\[\]\\]+@[^\s@<>(),;:\"\[\]\\]+\.[^\s@<>(),;:\"\[\]\\.]+"
DTYPES = {"currency": "str", "rate_date": "str", "rate_aud": "str"}


def dated_rates(path: str) -> pd.DataFrame:
    """The rate of each day: the last one published, for at most 7 days; as millionths and the six digits after them."""
    rates = pd.read_csv(path, dtype=DTYPES).sort_values(["currency", "rate_date"])
    whole, _, places = (rates["rate_aud"].str.partition(".")[part] for part in range(3))
    rates["millionths"] = (whole + places.str[:6]).astype("int64")
    rates["rest"] = places.str[6:].astype("int64")
    rates["day"] = pd.to_datetime(rates["rate_date"])
    rates["next_day"] = rates.groupby("currency")["day"].shift(-1)
    ages = pd.DataFrame({"age": pd.to_timedelta(np.arange(8), unit="D")})
    spread = rates.merge(ages, how="cross")
    spread["purchase_date"] = spread["day"] + spread["age"]
    valid = spread["next_day"].isna() | (spread["purchase_date"] < spread["next_day"])
    return spread.loc[valid, ["currency", "purchase_date", "millionths", "rest"]]


def clean(raw: pd.DataFrame) -> pd.DataFrame:
    raw = raw.apply(lambda column: column.str.strip())
    ids = pd.to_numeric(raw["customer_id"], errors="coerce")
    emails = raw["email"].str.lower()
    return pd.DataFrame(
        {
            "customer_id": ids.where(ids % 1 == 0),
            "first_name": raw["first_name"].str.replace(r"\s+", " ", regex=True),
            "last_name": raw["last_name"].str.replace(r"\s+", " ", regex=True),
            "email": emails.where(emails.str.fullmatch(PATTERN)),
            "purchase_id": raw["purchase_id"],
            "purchase_date": pd.to_datetime(
                raw["purchase_date"].str.replace("/", "-", regex=False), format="%Y-%m-%d", errors="coerce"
            ),
            # Amounts of two places below 10^13 are exact as cents, however the float is rounded.
            "cents": (pd.to_numeric(raw["amount"], errors="coerce") * 100).round(),
            "currency": raw["currency"].str.upper(),
        }
    )


def copy_rows(table, connection, keys, rows):
    """A to_sql method that uses COPY, from the pandas documentation."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    with connection.connection.cursor() as cursor:
        with cursor.copy(f"COPY {table.name} ({', '.join(keys)}) FROM STDIN (FORMAT csv)") as copy:
            copy.write(buffer.getvalue())


task = read_task()
purchases = pd.concat((clean(pd.read_csv(path, dtype="str", engine="pyarrow")) for path in task.bronze), ignore_index=True)
purchases = purchases.dropna(subset=["customer_id", "purchase_id", "purchase_date", "cents"])
purchases = purchases.merge(dated_rates(task.rates), how="left", on=["currency", "purchase_date"])
aud = purchases["currency"] == "AUD"
purchases.loc[aud, ["millionths", "rest"]] = (1_000_000, 0)
purchases = purchases.dropna(subset=["millionths"]).astype({name: "int64" for name in ("customer_id", "cents", "millionths", "rest")})
cents = purchases["cents"].abs()
converted = (cents * purchases["millionths"] + cents * purchases["rest"] // 1_000_000 + 500_000) // 1_000_000
purchases["cents_aud"] = np.sign(purchases["cents"]) * converted
purchases = purchases.drop(columns=["millionths", "rest"]).drop_duplicates("purchase_id", keep="last")
purchases.to_parquet(task.out / "silver.parquet", index=False)

purchases["full_name"] = (purchases["first_name"].fillna("") + " " + purchases["last_name"].fillna("")).str.strip()
purchases["full_name"] = purchases["full_name"].where(purchases["full_name"] != "")
# Stable: of a day's purchases the last to arrive stays last. GroupBy.last takes the last value that is not null.
purchases = purchases.sort_values("purchase_date", kind="stable")
customers = purchases.groupby("customer_id", sort=True)
spent = purchases[purchases["cents"] >= 0].groupby("customer_id")["purchase_date"]
gold = customers[["full_name", "email"]].last()
gold["cents"] = customers["cents_aud"].sum()
gold["first_purchase_date"] = spent.min().dt.date
gold["last_purchase_date"] = spent.max().dt.date
sign = gold["cents"].lt(0).map({True: "-", False: ""})
gold["total_spent_aud"] = sign + (gold["cents"].abs() // 100).astype(str) + "." + (gold["cents"].abs() % 100).astype(str).str.zfill(2)
gold = gold.reset_index()[COLUMNS.split(", ")]
gold.to_parquet(task.out / "gold.parquet", index=False)

engine = create_engine(task.database.replace("postgres://", "postgresql+psycopg://", 1))
with engine.begin() as connection:
    connection.execute(text("TRUNCATE customer_purchase_summary_staging"))
    gold.to_sql(
        "customer_purchase_summary_staging", connection, if_exists="append", index=False, method=copy_rows, chunksize=100_000
    )
    connection.execute(text("ANALYZE customer_purchase_summary_staging (customer_id)"))
    connection.execute(text(UPSERT))
