"""What is known of each bronze object before its rows are worked on: its record so far, and where its columns stand."""

import re

from purchases_spark import scan

# What a record says of columns that no field reads: so many names, each of so many characters.
MOST_FOUND = 40
MOST_DRIFT = 100
DATA = re.compile(r"@|^[+-]?[0-9]")
NAME_LENGTH = 100


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
        elif found["kind"] == "empty":
            count_erased(self.record, self.object)
        else:
            self.locate()

    def locate(self):
        """Where the source's columns stand, and whether the object has what the source needs."""
        facts, columns = self.facts, self.source["columns"]
        if facts["kind"] == "json":
            present = {columns[at]["name"] for at in facts["present"]}
            twice = [f'duplicate key "{columns[at]["name"]}" (two spellings)' for at in facts["twice"]]
            faults = lacking(self.source["needs"]["json"], present) + twice if facts["good"] else []
            heads = {head for column in columns for head in heads_of(column["matched"])}
            drift = drift_of([name for name in facts["names"] if scan.json_rows.normalise(name) not in heads], None)
        else:
            at = [[i for i, name in enumerate(facts["matched"]) if name == column["matched"]] for column in columns]
            present = {column["name"] for column, found in zip(columns, at) if found}
            twice = [f'duplicate column "{column["name"]}"' for column, found in zip(columns, at) if len(found) > 1]
            faults = lacking(self.source["needs"]["csv"], present) + twice
            facts["positions"] = [found[0] if found else None for found in at]
            used = set(facts["positions"])
            places = [i for i in range(len(facts["names"])) if i not in used]
            drift = drift_of([facts["names"][i] for i in places], places)
        if faults:
            before, between, after = self.source["schemaFault"]
            found = columns_found(facts["names"], set(self.source["known"]))
            message = f"{before}{'; '.join(faults)}{between}{found}{after}"
            self.record["refused"] = {"reason": "schema_mismatch", "message": message}
            return
        self.record["drift"] = drift
        count_erased(self.record, self.object)
        currency = self.source["currency"]
        self.statements = "defaulted" if currency is not None and lacking([currency], present) else "own"
        self.is_read = facts["rows"] > 0


def looks_like_data(name):
    """No name of a column, but an address, a number or a date: as `looksLikeData` of the rules."""
    return DATA.search(name) is not None


def columns_found(found, known):
    """Columns for a message: by name where it is known, else by place: as `columnsFound` of the rules."""
    if not found:
        return "none"
    shown, start = [], 0

    def flush(end):
        if end - start == 1:
            shown.append(f"column {end}")
        elif end > start:
            shown.append(f"columns {start + 1} to {end}")

    for at, name in enumerate(found):
        matched = scan.json_rows.normalise(name)
        if matched in known:
            flush(at)
            shown.append(matched)
            start = at + 1
    flush(len(found))
    more = [f"… and {len(shown) - MOST_FOUND} more"] if len(shown) > MOST_FOUND else []
    listed = ", ".join([*shown[:MOST_FOUND], *more])
    if any(map(looks_like_data, found)):
        return f"{listed} (names that look like data: is the header line missing?)"
    return listed


def drift_of(names, places):
    """Columns that no field reads; a name that looks like data by its place: as `driftOf` of the rules. `places` is None for JSON."""
    data = [name for name in names if looks_like_data(name)]
    if places is None:
        shown = [name for name in names if not looks_like_data(name)]
        if data:
            shown.append("a key that looks like data" if len(data) == 1 else f"{len(data)} keys that look like data")
    else:
        shown = [f"column {place + 1}" if looks_like_data(name) else name for name, place in zip(names, places)]
    return names_in_short(shown, MOST_DRIFT)


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


def count_erased(record, one):
    """Counts the rows that erasures removed from just this content of a readable object."""
    for gone in one.get("erased", []):
        if gone["sha256"] == record["sha256"] and gone["rows"] > 0:
            record["rows"].update(read=gone["rows"], erased=gone["rows"])
            if gone["rejected"] > 0:
                record["erased_rejected"] = gone["rejected"]
            return


def no_source(task, one):
    message = task["noSource"].replace("{key}", one["key"])
    return {**fresh_record(task, one), "refused": {"reason": "no_source", "message": message}}
