"""Plain PySpark: bronze to silver to gold, a JDBC append to staging, and the upsert after it, as in the original pipeline."""

import os
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F

from task import COLUMNS, UPSERT, read_task

PATTERN = r"^[^\s@<>(),;:\"\[\]\\]+@[^\s@<>(),;:\"\[\]\\]+\.[^\s@<>(),;:\"\[\]\\.]+$"
HEADER = "customer_id string, first_name string, last_name string, email string, purchase_id string, purchase_date string, amount string, currency string"

task = read_task()
silver, gold = str(task.out / "silver"), str(task.out / "gold")
os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
driver = Path(sys.prefix, "jars", "postgresql-42.7.4.jar")
spark = (
    SparkSession.builder.master("local[*]")
    .config("spark.driver.memory", "4g")
    .config("spark.driver.extraClassPath", str(driver))
    .config("spark.sql.shuffle.partitions", 8)
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.ui.enabled", "false")
    .config("spark.local.dir", str(task.out / "spark"))
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")


def text(column: str):
    return F.trim(F.col(column))


def name(column: str):
    return F.nullif(F.regexp_replace(text(column), r"\s+", " "), F.lit(""))


published = spark.read.csv(task.rates, header=True, schema="currency string, rate_date date, rate_aud decimal(18,12)")
following = F.lead("rate_date").over(Window.partitionBy("currency").orderBy("rate_date"))
rates = (
    published.withColumn("next_date", following)
    .withColumn("age", F.explode(F.sequence(F.lit(0), F.lit(7))))
    .withColumn("purchase_date", F.date_add("rate_date", F.col("age")))
    .where("next_date is null or purchase_date < next_date")
    .select("currency", "purchase_date", "rate_aud")
)

email = F.lower(text("email"))
date = F.regexp_replace(text("purchase_date"), "/", "-")
(
    spark.read.csv(task.bronze, header=True, schema=HEADER)
    .select(
        # A file's parts are numbered in order.
        F.struct("_metadata.file_path", "_metadata.file_block_start", F.monotonically_increasing_id()).alias("arrival"),
        F.regexp_replace(text("customer_id"), r"\.0+$", "").cast("int").alias("customer_id"),
        name("first_name").alias("first_name"),
        name("last_name").alias("last_name"),
        F.when(email.rlike(PATTERN), email).alias("email"),
        text("purchase_id").alias("purchase_id"),
        F.to_date(F.when(date.rlike(r"^\d{4}-\d\d-\d\d$"), date)).alias("purchase_date"),
        text("amount").cast("decimal(18,4)").alias("amount"),
        F.upper(text("currency")).alias("currency"),
    )
    .join(F.broadcast(rates), ["currency", "purchase_date"], "left")
    .withColumn("rate", F.when(F.col("currency") == "AUD", F.lit(1).cast("decimal(18,12)")).otherwise(F.col("rate_aud")))
    .dropna(subset=["customer_id", "purchase_id", "purchase_date", "amount", "rate"])
    .withColumn("amount_aud", F.round(F.col("amount") * F.col("rate"), 2).cast("decimal(18,2)"))
    .withColumn("place", F.row_number().over(Window.partitionBy("purchase_id").orderBy(F.desc("arrival"))))
    .where("place = 1")
    .drop("place", "rate", "rate_aud")
    .write.mode("overwrite")
    .parquet(silver)
)

newest = F.struct("purchase_date", "arrival")
full_name = F.concat_ws(" ", "first_name", "last_name")
day = F.when(F.col("amount") >= 0, F.col("purchase_date"))
(
    spark.read.parquet(silver)
    .withColumn("full_name", F.nullif(full_name, F.lit("")))
    .groupBy("customer_id")
    .agg(
        F.max_by("full_name", F.when(F.col("full_name").isNotNull(), newest)).alias("full_name"),
        F.max_by("email", F.when(F.col("email").isNotNull(), newest)).alias("email"),
        F.sum("amount_aud").cast("decimal(18,2)").alias("total_spent_aud"),
        F.min(day).alias("first_purchase_date"),
        F.max(day).alias("last_purchase_date"),
    )
    .write.mode("overwrite")
    .parquet(gold)
)

with psycopg.connect(task.database) as connection:
    connection.execute("TRUNCATE customer_purchase_summary_staging")
address = urlsplit(task.database)
spark.read.parquet(gold).select(*COLUMNS.split(", ")).write.jdbc(
    f"jdbc:postgresql://{address.hostname}:{address.port}{address.path}",
    "customer_purchase_summary_staging",
    mode="append",
    properties={
        "driver": "org.postgresql.Driver",
        "user": unquote(address.username or ""),
        "password": unquote(address.password or ""),
        "batchsize": "10000",
        "reWriteBatchedInserts": "true",
    },
)
with psycopg.connect(task.database) as connection:
    connection.execute("ANALYZE customer_purchase_summary_staging (customer_id)")
    connection.execute(UPSERT)
spark.stop()
