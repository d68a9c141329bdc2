"""Bronze objects to silver and quarantine files. The rules are the SQL of the task; here is only what carries it out."""

import datetime
import hashlib
import json
import re
from contextlib import contextmanager

from pyspark.sql import types as t

from purchases_spark import scan
from purchases_spark.errors import PurchasesError
from purchases_spark.storage import parts_in

# Objects that are read and written together by one task: one silver file, one quarantine file.
BATCH_BYTES = 96 << 20
BATCH_OBJECTS = 2_000
COMPILED_BYTES = 4 << 20
# A part's path below the folder of its layer: one task gives its files of several batches one name.
PART = "(?:batch_no=[0-9]+/)?[^/]+$"
NOTHING = {"lines": 0, "tags": {}}
# What a record says of columns that no field reads: so many names, each of so many characters.
MOST_DRIFT = 100
NAME_LENGTH = 100

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
    with open_rates(session, task["rates"]), compiling(session, sum(one["size"] for one in task["objects"])):
        return make_layers(session, task)


@contextmanager
def compiling(session, size):
    """Whether Spark compiles the rules to Java: for few rows that costs twice what reading them as they are does, compiler and all."""
    wanted = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"} if size < COMPILED_BYTES else {}
    before = {name: session.conf.get(name) for name in wanted}
    for name, value in wanted.items():
        session.conf.set(name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            session.conf.set(name, value)


@contextmanager
def open_rates(session, rates):
    """The view `rates_by_day`, made once. It is sent to every executor: a shuffle would part a batch's rows."""
    published = session.read.schema(RATES).option("header", "true").csv(rates["path"])
    published.createOrReplaceTempView("rates")
    by_day = session.sql(rates["byDay"]).persist()
    by_day.hint("broadcast").createOrReplaceTempView("rates_by_day")
    try:
        yield
    finally:
        by_day.unpersist()


def make_layers(session, task):
    members = [Member(task, found) for found in all_facts(session, task)]
    batches = in_batches(task, [member for member in members if member.is_read])
    files = []
    for (source, statements, chunk_kind), group in sorted(batches.items()):
        files += Work(session, task, source, task["sources"][source]["statements"][statements][chunk_kind]).make(group)
    untouched = [no_source(task, one) for one in task["objects"] if one["source"] is None]
    return {"objects": untouched + [member.record for member in members], "files": files}


def all_facts(session, task):
    """What is known of each object: one small record each."""
    readable = [one for one in task["objects"] if one["source"] is not None]
    if not readable:
        return []
    sources = [{name: source[name] for name in ("format", "columns")} for source in task["sources"]]
    limit = task["limits"]["maxInflation"]
    context = session.sparkContext
    slots = context.defaultParallelism * 4
    # The largest first, dealt out in turn, so that no task gets the large ones alone.
    ordered = sorted(readable, key=lambda one: (-one["size"], one["no"]))
    dealt = [hand for hand in (ordered[at::slots] for at in range(slots)) if hand]
    found = (
        context.parallelize(dealt, len(dealt))
        .flatMap(lambda hand: [scan.facts(one, sources[one["source"]], limit) for one in hand])
        .collect()
    )
    return sorted(found, key=lambda one: one["no"])


class Member:
    """An object that was scanned: its record so far and, where its rows can be read, how."""

    def __init__(self, task, found):
        self.object = task["objects"][found["no"]]
        self.source = task["sources"][self.object["source"]]
        self.facts = found
        self.record = {**fresh_record(task, self.object), "sha256": found["sha256"]}
        self.is_read = False
        if "unreadable" in found:
            self.record["refused"] = {"reason": "file_unreadable", "message": found["unreadable"]}
        elif found["kind"] != "empty":
            self.locate()

    def locate(self):
        """Where the source's columns stand, and whether the object has what the source needs."""
        facts, columns = self.facts, self.source["columns"]
        if facts["kind"] == "json":
            present = {columns[at]["name"] for at in facts["present"]}
            twice = [f'key "{columns[at]["name"]}" stands there under two spellings' for at in facts["twice"]]
            faults = lacking(self.source["needs"]["json"], present) + twice if facts["good"] else []
            heads = {head for column in columns for head in heads_of(column["matched"])}
            drift = [name for name in facts["names"] if scan.json_rows.normalise(name) not in heads]
        else:
            at = [[i for i, name in enumerate(facts["matched"]) if name == column["matched"]] for column in columns]
            present = {column["name"] for column, found in zip(columns, at) if found}
            twice = [f'column "{column["name"]}" stands there twice' for column, found in zip(columns, at) if len(found) > 1]
            faults = lacking(self.source["needs"]["csv"], present) + twice
            facts["positions"] = [found[0] if found else None for found in at]
            used = set(facts["positions"])
            drift = [name for i, name in enumerate(facts["names"]) if i not in used]
        if faults:
            message = self.source["schemaFault"].replace("{columns}", ", ".join(names_in_short(facts["names"], 40)) or "none")
            self.record["refused"] = {
                "reason": "schema_mismatch",
                "message": message.replace("{faults}", "; ".join(faults)),
            }
            return
        self.record["drift"] = names_in_short(drift, MOST_DRIFT)
        currency = self.source["currency"]
        self.statements = "defaulted" if currency is not None and lacking([currency], present) else "own"
        self.is_read = facts["rows"] > 0


def names_in_short(names, most):
    """The first names, each cut, and how many more there are: as `namesInShort` of the rules."""
    shown = [name if len(name) <= NAME_LENGTH else name[:NAME_LENGTH] + "…" for name in names[:most]]
    return [*shown, f"… and {len(names) - most} more"] if len(names) > most else shown


def lacking(needs, present):
    """The faults of what is not there."""
    faults = []
    for need in needs:
        if need["any"]:
            faults += [] if present.intersection(need["columns"]) else need["faults"]
        else:
            faults += [fault for column, fault in zip(need["columns"], need["faults"]) if column not in present]
    return faults


def heads_of(name):
    """The keys at the top under which a column may stand: its whole name, and what is before each of its points."""
    return [name[:at] for at, mark in enumerate(name) if mark == "."] + [name]


def fresh_record(task, one):
    source = None if one["source"] is None else task["sources"][one["source"]]["name"]
    return {
        "key": one["key"],
        "size": one["size"],
        "etag": one["etag"],
        "modified": one["modified"],
        "sha256": None,
        "ingestion_date": one["ingestionDate"],
        "source": source,
        "rules": one["rules"],
        "rows": {"read": 0, "accepted": 0, "duplicate": 0, "superseded": 0, "deleted": 0, "quarantined": 0},
        "reasons": {},
        "repairs": {},
        "drift": [],
        "silver": None,
        "quarantine": None,
    }


def no_source(task, one):
    message = task["noSource"].replace("{key}", one["key"])
    return {**fresh_record(task, one), "refused": {"reason": "no_source", "message": message}}


class Batch:
    """Objects of one day whose rows one task reads and writes."""

    def __init__(self, task, members):
        self.members = members
        self.day = members[0].object["ingestionDate"]
        inputs = [[one.object["key"], one.object["modified"], one.record["sha256"], one.object["rules"]] for one in members]
        made_of = json.dumps([task["engine"], task["rates"]["digest"], self.day, inputs])
        self.digest = hashlib.sha256(made_of.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def key(self, layer):
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
                member.record["rows"].update(read=member.facts["rows"], accepted=count["lines"])
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
        """Keys of the objects that refuse more than the allowed share of their rows; a pass of its own, so only where a share is set."""
        share = self.task["limits"]["maxQuarantinedShare"]
        if share >= 1:
            return []
        self.read(batches)
        rows = self.session.sql(self.statements["shares"]).collect()
        return sorted(row["object_key"] for row in rows if row["refused"] > share * row["read"])

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
        statement = self.statements[layer]
        if whole:
            literals = ", ".join(literal(key) for key in whole)
            statement = self.statements[f"{layer}OfWhole"].replace("'{refused}'", literals)
        folder = f"{self.task['output']}/{layer}-{self.source_no}-{hashlib.sha256(statement.encode()).hexdigest()[:12]}"
        made = self.session.sql(statement)
        if self.source["joinsRows"]:
            self.write_by_batch(made, batches, folder)
        else:
            made.write.mode("overwrite").parquet(folder)
        return self.count(layer, batches, {re.search(PART, path)[0]: path for path in parts_in(folder, self.session)})

    def write_by_batch(self, made, batches, folder):
        """Joined rows come out of a shuffle: another brings each batch's together."""
        numbers = [(member.object["key"], no) for no, batch in enumerate(batches) for member in batch.members]
        named = self.session.createDataFrame(numbers, "object_key string, batch_no int")
        (
            made.join(named.hint("broadcast"), "object_key")
            .select(*made.columns, "batch_no")
            .repartition(min(len(batches), 2_000), "batch_no")
            .sortWithinPartitions("batch_no", "object_key", "row_number")
            .write.mode("overwrite")
            .partitionBy("batch_no")
            .parquet(folder)
        )

    def count(self, layer, batches, parts):
        """The part of each batch, and what it holds of each object: lines and repairs, or rows by reason. Few rows an object come to the driver."""
        if not parts:
            return [], {}
        tag, lines = ("repairs", "sum(lines)") if layer == "silver" else ("reasons", "count(*)")
        counted = self.session.read.parquet(*parts.values()).selectExpr("*", f"regexp_extract(_metadata.file_path, '{PART}', 0) as part")
        counted.createOrReplaceTempView("written")
        found, told = {}, {}
        for part, key, tags, rows, read in self.session.sql(
            f"select part, object_key, {tag}, count(*), {lines} from written group by part, object_key, {tag}"
        ).collect():
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
            message = f"It refused more than the allowed share of its {member.facts['rows']} rows (`limits.maxQuarantinedShare`)."
            record["refused"] = {"reason": "too_many_refused", "message": message}


def with_day(one):
    return {**one, "day": datetime.date.fromisoformat(one["ingestionDate"])}


def literal(text):
    return "||chr(39)||".join(f"'{part}'" for part in text.split("'"))


def must_add_up(record):
    rows = record["rows"]
    if rows["accepted"] + rows["quarantined"] != rows["read"]:
        raise PurchasesError(
            "ConservationViolated",
            f"Rows of {record['key']} were lost: {rows['read']} were read, {rows['accepted']} accepted and {rows['quarantined']} quarantined.",
            "Nothing was committed. Please report this with the file, or a part of it that shows the loss.",
        )
