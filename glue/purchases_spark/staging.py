"""A load to the staging table by JDBC append."""

from pyspark.sql.functions import lit

from purchases_spark.tables import append_by_jdbc

TABLE = "customer_purchase_summary_staging"
# As many connections as a small database has to spare.
CONNECTIONS = 8
BATCH_ROWS = 10_000


def stage(rows, load_id, options):
    """
    Appends the rows under the load's id and answers how many they are. Each task commits by itself, so one that is repeated may append twice:
    the upsert takes exact repeats for one row, and refuses a load that has fewer customers than were counted here.
    """
    rows = rows.persist()
    try:
        count = rows.count()
        settings = {**options, "dbtable": TABLE, "batchsize": BATCH_ROWS, "numPartitions": CONNECTIONS}
        append_by_jdbc(rows.withColumn("load_id", lit(load_id)), settings)
        return count
    finally:
        rows.unpersist()
