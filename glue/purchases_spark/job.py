"""What the three jobs have in common. A task of keys and SQL lies beside the run's manifest; what a job made, it leaves there too."""

import json
import uuid

from purchases_spark.arguments import job_arguments
from purchases_spark.errors import PurchasesError
from purchases_spark.lake import Lake
from purchases_spark.session import open_session
from purchases_spark.storage import remove_folder

REQUIRED = ["lake", "run_id"]
OPTIONAL = ["JOB_NAME", "manifest", "seq", "scratch", "warehouse"]


class Job:
    """`attempt` is this start of the job alone, so that what one leaves behind is never taken for another's."""

    def __init__(self, name):
        self.arguments = job_arguments(REQUIRED, OPTIONAL)
        self.name = name
        self.run_id = self.arguments["run_id"]
        self.attempt = uuid.uuid4().hex[:12]
        scratch = self.arguments["scratch"]
        self.lake = Lake(self.arguments["lake"], scratch and f"{scratch}/{self.attempt}")
        self.output = self.lake.output(self.run_id, self.attempt)
        self.session = open_session(self.arguments["JOB_NAME"] or f"purchases {name}")

    def task(self):
        return self.lake.read(f"_runs/{self.run_id}/{self.name}-task.json")

    def leave(self, document, content):
        """Leaves the document for the state that follows."""
        self.lake.write(f"_runs/{self.run_id}/{document}.json", content)

    def must_be_intact(self, files):
        self.lake.must_be_intact(self.session, files)

    def publish(self, parts):
        return self.lake.publish(self.session, parts)

    def clear(self):
        remove_folder(self.output)
        if self.lake.scratch is not None:
            remove_folder(self.lake.scratch)

    def tell(self, **counts):
        """One line for the log: counts, never a value of a row."""
        print(json.dumps({"job": self.name, "run_id": self.run_id, **counts}), flush=True)


def run(name, work):
    """Runs a job to its end. A failure that the user can act on ends it with its name, its message and what to do."""
    job = Job(name)
    try:
        work(job)
    except PurchasesError as error:
        raise SystemExit(f"{error.name}: {error} {error.hint}") from error
    finally:
        job.clear()
