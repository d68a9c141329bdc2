"""Spark's JDBC append of a load file's six columns to staging, as a Glue job does it. Prints the seconds of the append alone.

usage: jdbc_append.py FILE, with the database's URL in BENCH_DATABASE and the driver in JDBC_JAR
"""

import os
import sys
import time
from urllib.parse import unquote, urlsplit

from pyspark.sql import SparkSession

url = urlsplit(os.environ["BENCH_DATABASE"])
spark = (
    SparkSession.builder.master("local[2]")
    .config("spark.jars", os.environ["JDBC_JAR"])
    .config("spark.driver.memory", "2g")
    .config("spark.ui.enabled", "false")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.driver.host", "127.0.0.1")
    .getOrCreate()
)
columns = (
    "customer_id INT, full_name STRING, email STRING, total_spent_aud DECIMAL(18,2), "
    "first_purchase_date DATE, last_purchase_date DATE, operation STRING"
)
frame = spark.read.csv(sys.argv[1], schema=columns).drop("operation").repartition(2).cache()
frame.count()

started = time.perf_counter()
frame.write.mode("append").jdbc(
    f"jdbc:postgresql://{url.hostname}:{url.port}{url.path}?reWriteBatchedInserts=true",
    "customer_purchase_summary_staging",
    properties={
        "user": url.username,
        "password": unquote(url.password),
        "driver": "org.postgresql.Driver",
        "batchsize": "10000",
    },
)
print(time.perf_counter() - started)
spark.stop()
