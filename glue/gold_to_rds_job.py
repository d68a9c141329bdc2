"""Glue job: the difference between two versions of gold to the staging table. docs/spark.md tells how to run it elsewhere."""

from purchases_spark.authorities import distributed
from purchases_spark.database import jdbc_options
from purchases_spark.gold_to_staging import open_gold
from purchases_spark.job import run
from purchases_spark.staging import stage


def work(job):
    options = jdbc_options(job.arguments["warehouse"])
    task = job.task()
    job.must_be_intact(task["reads"])
    for name in ("before", "after"):
        if task[name] is not None:
            task[name] = [job.lake.readable(key) for key in task[name]]
    load = {**task["load"], "loadId": f"{task['load']['toSeq']}-{job.attempt}"}
    rows = open_gold(job.session, task)
    load["rows"] = stage(rows, load["loadId"], options(distributed(job.session, task["authorities"])))
    # Only now is there a load for the upsert: what a job that was killed has appended, nobody names.
    job.leave("load", load)
    job.tell(load=load["loadId"], rows=load["rows"])


if __name__ == "__main__":
    run("gold-to-rds", work)
