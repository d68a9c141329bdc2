"""Bronze objects to silver and quarantine files. The rules are the SQL of the task; here is only what carries it out."""

import datetime
import hashlib
import json
import re
from contextlib import contextmanager

from pyspark.sql import types as t

from purchases_spark import scan
from purchases_spark.errors import PurchasesError
from purchases_spark.members import Member, all_facts, no_source
from purchases_spark.session import settings
from purchases_spark.storage import parts_in
from purchases_spark.tables import csv, parquet, statement, write_parquet

# Objects that are read and written together by one task: one silver file, one quarantine file.
BATCH_BYTES = 96 << 20
BATCH_OBJECTS = 2_000
# Below so many bytes the statements that are planned soonest are taken, and they are not compiled.
MANY_BYTES = 4 << 20
INTERPRETED = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
RATE_PARTITIONS = 4
# A part's path below the folder of its layer: one task gives its files of several batches one name.
PART = "(?:batch_no=[0-9]+/)?[^/]+$"
NOTHING = {"lines": 0, "tags": {}}

RECORD = t.StructType(
    [
        t.StructField("raw", t.StringType()),
        t.StructField("malformed", t.BooleanType()),
        t.StructField("fields", t.ArrayType(t.StringType())),
    ]
)
CHUNK = t.StructType(
    [
        t.StructField("object_key", t.StringType()),
        t.StructField("object_modified", t.LongType()),
        t.StructField("content_sha256", t.StringType()),
        t.StructField("ingestion_day", t.DateType()),
        t.StructField("first_row", t.LongType()),
        t.StructField("positions", t.ArrayType(t.IntegerType())),
        t.StructField("text", t.StringType()),
        t.StructField("line_end", t.StringType()),
        t.StructField("delimiter", t.StringType()),
        t.StructField("columns", t.IntegerType()),
        t.StructField("records", t.ArrayType(RECORD)),
    ]
)
RATES = "currency string, rate_date date, rate decimal(18,12)"


def bronze_to_silver(session, task):
    """`task`: see bronze-task.ts. Answers `objects`, as the ledger records them, and `files`: parts to be given their keys."""
    many = sum(one["size"] for one in task["objects"]) >= MANY_BYTES
    # Whether Spark compiles the rules to Java: for few rows that costs twice what reading them as they are does, compiler and all.
    with open_rates(session, task["rates"]), settings(session, {} if many else INTERPRETED):
        return make_layers(session, task, many)


@contextmanager
def open_rates(session, rates):
    """The view `rates_by_day`, made once. It is sent to every executor: a shuffle would part a batch's rows."""
    csv(session, rates["path"], RATES).createOrReplaceTempView("rates")
    # Kept rows stay in as many partitions as the shuffle gives them: a few, for a few hundred thousand rows.
    with settings(session, {"spark.sql.shuffle.partitions": str(RATE_PARTITIONS)}):
        by_day = statement(session, rates["byDay"]).persist()
    by_day.hint("broadcast").createOrReplaceTempView("rates_by_day")
    try:
        yield
    finally:
        by_day.unpersist()


def make_layers(session, task, many):
    members = [Member(task, found) for found in all_facts(session, task)]
    batches = in_batches(task, [member for member in members if member.is_read])
    files = []
    for (source, statements, chunk_kind), group in sorted(batches.items()):
        sql = task["sources"][source]["statements"][statements][chunk_kind]
        files += Work(session, task, source, {**sql, **(sql["everyday"] or {})} if many else sql).make(group)
    untouched = [no_source(task, one) for one in task["objects"] if one["source"] is None]
    return {"objects": untouched + [member.record for member in members], "files": files}


class Batch:
    """Objects of one day whose rows one task reads and writes."""

    def __init__(self, task, members):
        self.members = members
        self.day = members[0].object["ingestionDate"]
        inputs = [
            [one.object["key"], one.object["modified"], one.record["sha256"], one.object["rules"], *erased(one.record)]
            for one in members
        ]
        made_of = json.dumps([task["engine"], task["rates"]["digest"], self.day, inputs])
        self.digest = hashlib.sha256(made_of.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def key(self, layer):
        """The key before the bytes are part of it."""
        return f"{layer}/ingestion_date={self.day}/{self.digest}.parquet"


def in_batches(task, members):
    """Batches by (source, statements, kind of chunk), each of neighbours of one day."""
    groups = {}
    for member in members:
        kind = "lines" if member.facts["kind"] == "lines" else "rows"
        key = (member.object["source"], member.statements, kind)
        days = groups.setdefault(key, {})
        open_batches = days.setdefault((member.object["ingestionDate"], member.object["rules"]), [[]])
        size = sum(one.facts["bytes"] for one in open_batches[-1]) + member.facts["bytes"]
        if open_batches[-1] and (size > BATCH_BYTES or len(open_batches[-1]) >= BATCH_OBJECTS):
            open_batches.append([])
        open_batches[-1].append(member)
    return {
        key: [Batch(task, found) for _, all_of_day in sorted(days.items()) for found in all_of_day]
        for key, days in groups.items()
    }


class Work:
    """One source's statements over batches."""

    def __init__(self, session, task, source, statements):
        self.session, self.task, self.source_no = session, task, source
        self.source, self.statements = task["sources"][source], statements

    def make(self, batches):
        whole = self.refused_whole(batches)
        files, accepted = self.write("silver", batches, whole)
        rest = []
        for batch in batches:
            for member in batch.members:
                count = accepted.get(member.object["key"], NOTHING)
                member.record["rows"].update(read=arrived(member), accepted=count["lines"])
                member.record["repairs"] = count["tags"]
                member.record["silver"] = batch.key("silver") if count["lines"] > 0 else None
            if any(one.record["rows"]["accepted"] != one.facts["rows"] for one in batch.members):
                rest.append(batch)
        if rest:
            refused_files, refused = self.write("quarantine", rest, whole)
            files += refused_files
            for batch in rest:
                for member in batch.members:
                    self.record_refused(batch, member, refused.get(member.object["key"], NOTHING))
        for batch in batches:
            for member in batch.members:
                must_add_up(member.record)
        return files

    def refused_whole(self, batches):
        """
        Keys of the objects that reject more than the allowed share of their rows, rows that were erased counted as they
        were. A pass of its own, so only where a share is set.
        """
        share = self.task["limits"]["maxQuarantinedShare"]
        if share >= 1:
            return []
        self.read(batches)
        rows = statement(self.session, self.statements["shares"]).collect()
        records = {member.object["key"]: member.record for batch in batches for member in batch.members}

        def is_over(row):
            record = records[row["object_key"]]
            rejected = row["refused"] + record.get("erased_rejected", 0)
            return rejected > share * (row["read"] + record["rows"].get("erased", 0))

        return sorted(row["object_key"] for row in rows if is_over(row))

    def read(self, batches):
        """The view `chunks`: one partition a batch."""
        limit, source = self.task["limits"]["maxInflation"], {name: self.source[name] for name in ("format", "columns")}
        hands = [[(with_day(one.object), one.facts) for one in batch.members] for batch in batches]
        rows = self.session.sparkContext.parallelize(hands, len(hands)).flatMap(
            lambda hand: (chunk for one, facts in hand for chunk in scan.chunks(one, source, facts, limit))
        )
        self.session.createDataFrame(rows, CHUNK, verifySchema=False).createOrReplaceTempView("chunks")

    def write(self, layer, batches, whole):
        """Writes a layer's rows, a file a batch; the parts to be published, and counts by object."""
        self.number = {member.object["key"]: no for no, batch in enumerate(batches) for member in batch.members}
        self.read(batches)
        text = self.statements[layer]
        if whole:
            before, *rest = self.statements[f"{layer}OfWhole"]
            keys = ", ".join(literal(key) for key in whole)
            text = before + "".join(keys + part for part in rest)
        folder = f"{self.task['output']}/{layer}-{self.source_no}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        made = statement(self.session, text)
        if self.source["joinsRows"]:
            self.write_by_batch(made, batches, folder)
        else:
            write_parquet(made, folder)
        return self.count(layer, batches, {re.search(PART, path)[0]: path for path in parts_in(folder, self.session)})

    def write_by_batch(self, made, batches, folder):
        """Joined rows come out of a shuffle: another brings each batch's together."""
        numbers = [(member.object["key"], no) for no, batch in enumerate(batches) for member in batch.members]
        named = self.session.createDataFrame(numbers, "object_key string, batch_no int")
        sorted_rows = (
            made.join(named.hint("broadcast"), "object_key")
            .select(*made.columns, "batch_no")
            .repartition(min(len(batches), 2_000), "batch_no")
            .sortWithinPartitions("batch_no", "object_key", "row_number")
        )
        write_parquet(sorted_rows, folder, ["batch_no"])

    def count(self, layer, batches, parts):
        """The part of each batch, and what it holds of each object: lines and repairs, or rows by reason. Few rows an object come to the driver."""
        if not parts:
            return [], {}
        tag, lines = ("repairs", "sum(lines)") if layer == "silver" else ("reasons", "count(*)")
        rows = parquet(self.session, parts.values()).selectExpr("*", "_metadata.file_path as path")
        rows.createOrReplaceTempView("written")
        found, told = {}, {}
        counts_by_tags = f"select path, object_key, {tag}, count(*), {lines} from written group by path, object_key, {tag}"
        for path, key, tags, rows, read in statement(self.session, counts_by_tags).collect():
            part = re.search(PART, path)[0]
            batch = self.number[key]
            held = found.setdefault(batch, {"path": parts[part], "key": batches[batch].key(layer), "rows": 0})
            if held["path"] != parts[part]:
                raise RuntimeError(f"the rows of {key} lie in two files")
            held["rows"] += rows
            counts = told.setdefault(key, {"lines": 0, "tags": {}})
            counts["lines"] += read
            for name in filter(None, tags.split(",")):
                counts["tags"][name] = counts["tags"].get(name, 0) + rows
        return [file for _, file in sorted(found.items())], told

    def record_refused(self, batch, member, count):
        record = member.record
        record["rows"]["quarantined"] = count["lines"]
        record["reasons"] = count["tags"]
        if count["lines"] > 0:
            record["quarantine"] = batch.key("quarantine")
        if "too_many_refused" in count["tags"]:
            message = f"It refused more than the allowed share of its {arrived(member)} rows (`limits.maxQuarantinedShare`)."
            record["refused"] = {"reason": "too_many_refused", "message": message}


def arrived(member):
    """Rows of the object as it arrived."""
    return member.facts["rows"] + member.record["rows"].get("erased", 0)


def erased(record):
    """What erasures removed, which takes part in the verdict on the whole object."""
    rows = record["rows"].get("erased", 0)
    return [rows, record.get("erased_rejected", 0)] if rows > 0 else []


def with_day(one):
    return {**one, "day": datetime.date.fromisoformat(one["ingestionDate"])}


def literal(text):
    """
    A text in a statement. Its bytes stand there as digits: no rule of quotes, escapes or variables
    can make another of it.
    """
    return f"cast(X'{text.encode().hex()}' as string)"


def must_add_up(record):
    rows = record["rows"]
    if rows["accepted"] + rows["quarantined"] + rows.get("erased", 0) != rows["read"]:
        raise PurchasesError(
            "ConservationViolated",
            f"Rows of {record['key']} were lost: {rows['read']} were read, {rows['accepted']} accepted and {rows['quarantined']} quarantined.",
            "Nothing was committed. Please report this with the file, or a part of it that shows the loss.",
        )
