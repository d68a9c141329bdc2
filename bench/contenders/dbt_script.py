"""dbt on DuckDB: silver and gold are external models, which dbt rebuilds in full each time, in Parquet; then COPY, since DuckDB's own way to
PostgreSQL is an extension that must be downloaded."""

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
folders = ["--project-dir", project, "--profiles-dir", project, "--target-path", str(task.out / "target"), "--log-path", str(task.out)]
done = dbtRunner().invoke(["run", "--quiet", *folders])
if not done.success:
    sys.exit(f"dbt failed: {done.exception or [result.message for result in done.result or []]}")

staging = task.out / "staging.csv"
duckdb.sql(f"copy (from '{task.out}/gold.parquet') to '{staging}' (format csv, header false)")
serve(task.database, chunks(staging))
