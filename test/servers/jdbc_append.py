"""Appends rows to the staging table by Spark's JDBC writer, as an external job would.

usage: jdbc_append.py ROWS URL... with the URLs as JDBC has them; the password in JDBC_PASSWORD.

Customer n of ROWS gets the name "Spark n" and a total of n + 0.25, in four partitions.
"""

import os
import sys

from pyspark.sql import SparkSession

DRIVERS = {"postgresql": "org.postgresql.Driver", "mysql": "com.mysql.cj.jdbc.Driver"}

rows, urls = int(sys.argv[1]), sys.argv[2:]
spark = (
    SparkSession.builder.master("local[2]")
    .config("spark.jars", ",".join(os.environ["JDBC_JARS"].split(os.pathsep)))
    .config("spark.ui.enabled", "false")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.driver.host", "127.0.0.1")
    .getOrCreate()
)
frame = spark.range(1, rows + 1, 1, 4).selectExpr(
    "CAST(id AS INT) AS customer_id",
    "concat('Spark ', id) AS full_name",
    "IF(id % 2 = 0, NULL, concat('spark', id, '@example.com')) AS email",
    "CAST(id + 0.25 AS DECIMAL(18,2)) AS total_spent_aud",
    "DATE'2026-02-28' AS first_purchase_date",
    "CAST(NULL AS DATE) AS last_purchase_date",
)
for url in urls:
    frame.write.mode("append").jdbc(
        url,
        "customer_purchase_summary_staging",
        properties={
            "user": "owner",
            "password": os.environ["JDBC_PASSWORD"],
            "driver": DRIVERS[url.split(":")[1]],
        },
    )
spark.stop()
