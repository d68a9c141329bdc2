"""Glue job: bronze objects to silver and quarantine files. The rules are the task's SQL; docs/spark.md tells how to run it elsewhere."""

from purchases_spark.bronze_to_silver import bronze_to_silver
from purchases_spark.errors import what_changed
from purchases_spark.job import run
from purchases_spark.storage import must_be_unchanged


def work(job):
    task = job.task()
    for one in task["objects"]:
        one["path"] = job.lake.path(one["path"])
    task["rates"]["path"] = job.lake.readable(task["rates"]["path"])
    try:
        made = bronze_to_silver(job.session, {**task, "output": job.output})
        must_be_unchanged(task["objects"])
    except Exception as error:
        changed = what_changed(error)
        if changed is None:
            raise
        # A job cannot fail by a name that the state machine could catch: the state that follows reads it here.
        job.leave("made", {"objects": [], "files": [], "changed": changed})
        job.tell(changed=changed)
        return
    files = job.publish(made["files"])
    names = {part["key"]: file["key"] for part, file in zip(made["files"], files)}
    for record in made["objects"]:
        for layer in ("silver", "quarantine"):
            record[layer] = names.get(record[layer])
    job.leave("made", {"objects": made["objects"], "files": files})
    rows = [one["rows"] for one in made["objects"]]
    job.tell(
        objects=len(rows),
        files=len(files),
        **{name: sum(one[name] for one in rows) for name in ("read", "accepted", "quarantined")},
        reasons=sums(one["reasons"] for one in made["objects"]),
    )


def sums(counts):
    total = {}
    for count in counts:
        for name, number in count.items():
            total[name] = total.get(name, 0) + number
    return total


if __name__ == "__main__":
    run("bronze-to-silver", work)
