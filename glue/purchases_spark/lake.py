"""The lake that a job serves, by keys relative to its root: a folder, or s3://bucket/prefix."""

import json
import os

from purchases_spark import storage
from purchases_spark.errors import PurchasesError


class Lake:
    """`scratch` is a local folder of this start of the job, for a Spark that has no file system for S3: what it reads and writes goes through there, by boto3."""

    def __init__(self, root, scratch=None):
        is_s3 = storage.S3.fullmatch(f"{root}/") is not None
        self.root = root.rstrip("/") if is_s3 else os.path.abspath(root)
        self.scratch = os.path.abspath(scratch) if scratch and is_s3 else None

    def path(self, key):
        return f"{self.root}/{key}"

    def readable(self, key):
        """Where Spark finds the file."""
        if self.scratch is None:
            return self.path(key)
        return storage.copy_here(self.path(key), f"{self.scratch}/read/{key}")

    def output(self, run_id, attempt):
        """The folder in which a job's unfinished files lie."""
        return self.path(f"_runs/{run_id}/spark-{attempt}") if self.scratch is None else f"{self.scratch}/made"

    def read(self, key):
        return json.loads(storage.read_text(self.path(key)))

    def write(self, key, document):
        storage.write_text(self.path(key), json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n")

    def publish(self, session, parts):
        """
        Gives finished parts their names in the lake, side by side on the executors. Answers them in
        order, as the ledger records files.
        """
        if not parts:
            return []
        context = session.sparkContext
        todo = [(part["path"], self.root, part["key"], part["rows"]) for part in parts]
        return context.parallelize(todo, min(len(todo), context.defaultParallelism * 4)).map(published).collect()

    def must_be_intact(self, session, files):
        """Refuses to go on from files that are not what the ledger recorded, which the executors look at. Error: `LedgerDamaged`, naming a file."""
        if not files:
            return
        context = session.sparkContext
        todo = [(file["key"], self.path(file["key"]), file["size"], file["sha256"]) for file in files]
        slices = min(len(todo), context.defaultParallelism * 4)
        for key, damage in context.parallelize(todo, slices).map(damaged).filter(lambda found: found[1]).take(1):
            how = "Rebuild it from bronze: purchases rebuild."
            if key.startswith("_ledger/"):
                how = "Restore it from a backup of the lake."
            raise PurchasesError("LedgerDamaged", f"The file {key} is damaged: {damage}.", f"Nothing was changed. {how}")


def damaged(file):
    key, path, size, digest = file
    found = storage.measure(path)
    if found is None:
        return key, "it is missing"
    if found[0] != size:
        return key, f"it has {found[0]} bytes, but {size} were recorded"
    return key, None if found[1] == digest else "its content is not what was recorded (sha-256)"


def published(part):
    path, root, key, rows = part
    size, digest = storage.publish(path, lambda digest: f"{root}/{storage.named_by_content(key, digest)}")
    return {"key": storage.named_by_content(key, digest), "size": size, "sha256": digest, "rows": rows}
