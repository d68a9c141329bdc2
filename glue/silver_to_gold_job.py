"""Glue job: live silver to gold. The rules are the task's SQL; docs/spark.md tells how to run it elsewhere."""

from purchases_spark.job import run
from purchases_spark.silver_to_gold import silver_to_gold


def work(job):
    task = job.task()
    if "nothing" in task:
        job.leave("gold", task["nothing"])
        job.tell(customers=0)
        return
    job.must_be_intact(task["reads"])
    # A job that is started again must not write into the folder of one that may still be at work: readers take all that lies there.
    prefix = f"{task['goldPrefix'].rstrip('/')}-{job.attempt}/"
    made = silver_to_gold(job.session, located(job, {**task, "goldPrefix": prefix, "output": job.output}))
    files = job.publish(made["files"])
    keys = made["keys"]
    [file] = job.publish([keys["file"]]) if keys["file"] else [None]
    gold = {"day": task["day"], "prefix": prefix, "files": files}
    gold |= {name: made[name] for name in ("customers", "total", "digest")}
    job.leave("gold", {"gold": gold, "fates": made["fates"], "keys": {**keys, "file": file}})
    job.tell(customers=made["customers"], files=len(files))


def located(job, task):
    """The task with the places of its files in place of their keys."""
    place = job.lake.readable
    for name in ("files", "former"):
        task["keys"][name] = [place(key) for key in task["keys"][name]]
    task["silver"] = {key: place(key) for key in task["silver"]}
    before = task["before"]
    if before is not None:
        before["gold"] = [place(key) for key in before["gold"]]
        before["silver"] = {key: place(key) for key in before["silver"]}
    return task


if __name__ == "__main__":
    run("silver-to-gold", work)
