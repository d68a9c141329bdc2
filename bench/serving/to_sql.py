"""pandas.to_sql of a load file's six columns to staging. Prints the seconds of the append alone.

usage: to_sql.py FILE each|multi, with the database's URL in BENCH_DATABASE
"""

import os
import sys
import time
from decimal import Decimal

import pandas
from sqlalchemy import Numeric, create_engine

path, method = sys.argv[1:]
names = ["customer_id", "full_name", "email", "total_spent_aud", "first_purchase_date", "last_purchase_date"]
frame = pandas.read_csv(
    path,
    header=None,
    names=[*names, "operation"],
    usecols=names,
    parse_dates=["first_purchase_date", "last_purchase_date"],
    converters={"total_spent_aud": Decimal},
)
for date in names[-2:]:
    frame[date] = frame[date].dt.date
engine = create_engine(os.environ["BENCH_DATABASE"].replace("postgres://", "postgresql+psycopg://", 1))

started = time.perf_counter()
# A statement of all rows takes at most 65,535 values, and is fastest well below that.
frame.to_sql(
    "customer_purchase_summary_staging",
    engine,
    if_exists="append",
    index=False,
    dtype={"total_spent_aud": Numeric(18, 2)},
    method="multi" if method == "multi" else None,
    chunksize=1_000 if method == "multi" else 10_000,
)
print(time.perf_counter() - started)
