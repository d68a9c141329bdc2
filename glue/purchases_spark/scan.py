"""One bronze object: what is known of it before any SQL, and then its rows."""

import hashlib

from purchases_spark import csv_text, json_rows, json_text
from purchases_spark.content import kind_of, unpacked, utf8_text
from purchases_spark.errors import Unreadable, bronze_changed
from purchases_spark.storage import read_bytes


def facts(task_object, source, max_inflation):
    """A small dictionary: `refused`, `empty`, or what reading its rows needs to know. `sha256` is of the decompressed content."""
    found = {"no": task_object["no"], "sha256": None}
    try:
        content = unpacked(task_object["key"], read_bytes(task_object), max_inflation)
        found["sha256"] = hashlib.sha256(content).hexdigest()
        text = utf8_text(content, source["format"].get("encoding"))
        if kind_of(task_object["key"], source["format"].get("type")) == "csv":
            found.update(csv_facts(text, source))
        else:
            found.update(json_facts(text, source))
    except Unreadable as unreadable:
        found["unreadable"] = str(unreadable)
    found["bytes"] = len(content) if found["sha256"] is not None else 0
    return found


def csv_facts(text, source):
    header = csv_text.find_header(text, source["format"].get("delimiter"))
    if header is None:
        return {"kind": "empty"}
    common = {"names": header.names, "matched": [json_rows.normalise(name) for name in header.names]}
    if text.find(b'"', header.end) >= 0:
        return {"kind": "records", "rows": sum(1 for _ in csv_text.records(text, header)), **common}
    cuts = list(csv_text.slices(text, header.end))
    return {
        "kind": "lines",
        "rows": sum(rows for _, _, _, rows in cuts),
        "cuts": cuts,
        "delimiter": header.delimiter.decode(),
        "returns": text.find(b"\r", header.end) >= 0,
        **common,
    }


def json_facts(text, source):
    layout = json_text.layout_of(text)
    if layout is None:
        return {"kind": "empty"}
    columns = json_rows.Columns(source["columns"], source["format"]["decimal"])
    keys, present, twice, rows, good = set(), set(), set(), 0, 0
    for raw in json_text.rows(text, layout):
        rows += 1
        value = json_rows.parsed(raw.decode("utf-8"))
        if value is None:
            continue
        good += 1
        keys.update(value)
        for index, values in enumerate(columns.found(value)):
            if values:
                present.add(index)
            if len(values) > 1:
                twice.add(index)
    return {
        "kind": "json",
        "layout": layout,
        "rows": rows,
        "good": good,
        "names": json_rows.sorted_keys(keys),
        "present": sorted(present),
        "twice": sorted(twice),
    }


def chunks(task_object, source, found, max_inflation):
    """The object's rows as tuples of `CHUNK` (see bronze_to_silver.py): slices of lines that Spark splits, or rows that are split."""
    content = unpacked(task_object["key"], read_bytes(task_object), max_inflation)
    if hashlib.sha256(content).hexdigest() != found["sha256"]:
        raise bronze_changed(task_object["key"])
    text = utf8_text(content, source["format"].get("encoding"))
    constants = (task_object["key"], task_object["modified"], found["sha256"], task_object["day"])
    if found["kind"] == "lines":
        ends = "\r\n|\r|\n" if found["returns"] else "\n"
        for start, end, first, _ in found["cuts"]:
            piece = text[start:end].decode("utf-8")
            yield (*constants, first, found["positions"], piece, ends, found["delimiter"], len(found["names"]), None)
        return
    first, batch = 1, []
    for row in split_rows(text, source, found):
        batch.append(row)
        if len(batch) == csv_text.ROWS_AT_ONCE:
            yield (*constants, first, None, None, None, None, None, batch)
            first, batch = first + len(batch), []
    if batch:
        yield (*constants, first, None, None, None, None, None, batch)


def split_rows(text, source, found):
    """(raw, malformed, values) of each row of quoted CSV or JSON."""
    if found["kind"] == "records":
        header = csv_text.find_header(text, source["format"].get("delimiter"))
        positions = found["positions"]
        for raw, fields in csv_text.records(text, header):
            values = None if fields is None else [None if at is None else fields[at].decode("utf-8") for at in positions]
            yield raw.decode("utf-8"), fields is None, values
        return
    columns = json_rows.Columns(source["columns"], source["format"]["decimal"])
    for row in json_text.rows(text, found["layout"]):
        raw = row.decode("utf-8")
        value = json_rows.parsed(raw)
        yield raw, value is None, None if value is None else columns.texts(columns.found(value))
