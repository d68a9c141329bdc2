"""Input of every contender, and the load of all but Spark into the serving table: COPY into staging, then one upsert."""

import argparse
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psycopg

COLUMNS = "customer_id, full_name, email, total_spent_aud, first_purchase_date, last_purchase_date"

UPSERT = f"""
INSERT INTO customer_purchase_summary ({COLUMNS})
SELECT {COLUMNS} FROM customer_purchase_summary_staging ORDER BY customer_id
ON CONFLICT (customer_id) DO UPDATE SET
  full_name = excluded.full_name,
  email = excluded.email,
  total_spent_aud = excluded.total_spent_aud,
  first_purchase_date = excluded.first_purchase_date,
  last_purchase_date = excluded.last_purchase_date,
  updated_at = now()
WHERE (customer_purchase_summary.full_name, customer_purchase_summary.email,
       customer_purchase_summary.total_spent_aud, customer_purchase_summary.first_purchase_date,
       customer_purchase_summary.last_purchase_date)
  IS DISTINCT FROM
      (excluded.full_name, excluded.email, excluded.total_spent_aud,
       excluded.first_purchase_date, excluded.last_purchase_date)
"""


@dataclass(frozen=True)
class Task:
    """Files in order of arrival; `rates` has the columns currency, rate_date and rate_aud; `out` is an empty folder."""

    bronze: list[str]
    rates: str
    out: Path
    database: str


def read_task() -> Task:
    parser = argparse.ArgumentParser()
    for name in ("bronze", "rates", "out"):
        parser.add_argument(f"--{name}", required=True)
    given = parser.parse_args()
    files = sorted(str(path) for path in Path(given.bronze).rglob("*.csv"))
    return Task(files, given.rates, Path(given.out), os.environ["BENCH_DATABASE"])


def serve(database: str, csv: Iterable[bytes]) -> None:
    """Stages CSV without a header, blank for null, and upserts it, in one transaction."""
    with psycopg.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("TRUNCATE customer_purchase_summary_staging")
        with cursor.copy(
            f"COPY customer_purchase_summary_staging ({COLUMNS}) FROM STDIN (FORMAT csv)"
        ) as copy:
            for chunk in csv:
                copy.write(chunk)
        upsert(cursor)


def upsert(cursor: psycopg.Cursor) -> None:
    cursor.execute("ANALYZE customer_purchase_summary_staging (customer_id)")
    cursor.execute(UPSERT)


def chunks(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk
