"""dbt on DuckDB: three models as Parquet, then COPY, since DuckDB's own way to PostgreSQL is an extension to download."""

import os
import sys
from pathlib import Path

import duckdb
from dbt.cli.main import dbtRunner

from task import chunks, read_task, serve

task = read_task()
project = str(Path(__file__).parent / "dbt")
bronze = os.path.commonpath([os.path.dirname(path) for path in task.bronze])
os.environ |= {"BENCH_OUT": str(task.out), "BENCH_BRONZE": bronze, "BENCH_RATES": task.rates}
done = dbtRunner().invoke(["run", "--quiet", "--project-dir", project, "--profiles-dir", project])
if not done.success:
    sys.exit(f"dbt failed: {done.exception or [result.message for result in done.result or []]}")

staging = task.out / "staging.csv"
duckdb.sql(f"copy (from '{task.out}/gold.parquet') to '{staging}' (format csv, header false)")
serve(task.database, chunks(staging))
