"""One JSON row to the texts of a source's columns, numbers as they were written."""

import json
import re

DEEPEST = 8
BLANK = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
OUTER_BLANKS = re.compile(f"^[{BLANK}]+|[{BLANK}]+\\Z")
INNER_RUNS = re.compile(f"[{BLANK}-]+")
CAPITALS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
HALF = re.compile(r"\\u[dD][89a-fA-F]")


def normalise(name):
    """A header name as columns are matched by it: trimmed, ASCII letters lower-cased, runs of blanks and hyphens one `_`."""
    return INNER_RUNS.sub("_", OUTER_BLANKS.sub("", name).translate(CAPITALS))


class Number(str):
    """A bare number as it was written."""

    __slots__ = ()


class KeyTwice(ValueError):
    pass


def once(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise KeyTwice("a key stands there twice")
    return found


DECODER = json.JSONDecoder(object_pairs_hook=once, parse_int=Number, parse_float=Number, parse_constant=Number)


def parsed(raw):
    """The row's object, or None where it is malformed: no object, a key twice, nested too deep, half a surrogate pair."""
    if not raw.lstrip(" \t\r\n").startswith("{"):
        return None
    if "\\u" in raw and HALF.search(PAIR.sub("", raw.replace("\\\\", ""))):
        return None
    try:
        value = DECODER.decode(raw)
    except (ValueError, RecursionError):
        return None
    if raw.count("{") + raw.count("[") > DEEPEST and depth(value) > DEEPEST:
        return None
    return value


def depth(value):
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


def sorted_keys(value):
    return sorted(value, key=lambda key: key.encode("utf-8", "surrogatepass"))


def places(value, wanted):
    """Where a column may stand in an object, by rank: a key of its whole name, then, for a dotted name, keys within keys."""
    keys = sorted_keys(value) if isinstance(value, dict) else []
    spelled = [(key, normalise(key)) for key in keys]
    ranks = [[value[key] for key, name in spelled if name == wanted]]
    dot = wanted.find(".")
    while dot >= 0:
        inner = [places(value[key], wanted[dot + 1 :]) for key, name in spelled if name == wanted[:dot]]
        for rank in range(max(map(len, inner), default=0)):
            ranks.append([place for found in inner if rank < len(found) for place in found[rank]])
        dot = wanted.find(".", dot + 1)
    return ranks


class Columns:
    """A source's columns as rows are asked for them; how keys are spelled is worked out once a set of keys."""

    def __init__(self, columns, point):
        self.columns = columns
        self.point = point
        self.known = {}

    def found(self, value):
        """For each column the values of the best rank that the row has, and whether there is one."""
        signature = tuple(value)
        plan = self.known.get(signature)
        if plan is None:
            plan = self.known[signature] = self.plan(value)
        return [
            [value[key] for key in keys] if keys is not None else best(places(value, column["matched"]))
            for column, keys in zip(self.columns, plan)
        ]

    def plan(self, value):
        """The keys at the top that a column stands under; None where it must be looked for within keys."""
        names = [(key, normalise(key)) for key in sorted_keys(value)]
        plan = []
        for column in self.columns:
            keys = [key for key, name in names if name == column["matched"]]
            plan.append(keys if keys or "." not in column["matched"] else None)
        return plan

    def texts(self, found):
        return [
            self.text(values[0], column["amount"]) if values else None
            for column, values in zip(self.columns, found)
        ]

    def text(self, value, is_amount):
        if isinstance(value, Number):
            return value.replace(".", self.point) if is_amount and self.point != "." else str(value)
        if isinstance(value, str):
            return value
        if value is True or value is False:
            return "true" if value else "false"
        return None


def best(ranks):
    return next((rank for rank in ranks if rank), [])
