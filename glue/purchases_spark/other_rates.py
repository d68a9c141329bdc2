"""Objects in whose rows a rate was looked up that the table now answers otherwise."""

from purchases_spark.bronze_to_silver import open_rates
from purchases_spark.tables import parquet, statement


def other_rates(session, task):
    if not task["files"]:
        return []
    columns = ["object_key", "currency", "purchase_date", "rate", "rate_date"]
    lookups = [parquet(session, paths).select(*columns) for paths in task["files"]]
    frame = lookups[0] if len(lookups) == 1 else lookups[0].unionByName(lookups[1])
    frame.createOrReplaceTempView("lookups")
    with open_rates(session, task["rates"]):
        return sorted({row["object_key"] for row in statement(session, task["sql"]).collect()})
