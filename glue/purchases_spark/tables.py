"""
The one door between Spark and what lies outside: every path, statement and connection goes through
here.
"""

import atexit
import os
import re
import shutil
import tempfile
from urllib.parse import unquote

from purchases_spark.session import enforce

# In Spark's paths these stand for other files, as `shop[1]` does for `shop1`. Its option that turns
# this off reads each file once for each such path among several.
MARKS = re.compile(r"[*?\[\]{}\\]")
# Links by number to folders whose names hold marks.
LINKS = {}


def statement(session, text):
    """The frame of a statement, parsed by the settings on which its meaning rests."""
    enforce(session)
    return session.sql(text)


def parquet(session, paths):
    """The rows of just these Parquet files."""
    return just(session, [*paths], lambda places: session.read.parquet(*places))


def csv(session, path, schema):
    """The rows of one CSV file with a header."""
    reader = session.read.schema(schema).option("header", "true")
    return just(session, [path], lambda places: reader.csv(places))


def just(session, paths, read):
    """What `read` makes of these files and of no other that their names would fit as patterns."""
    if not any(map(MARKS.search, paths)):
        return read(paths)
    if session.sparkContext.master.startswith("local") and not MARKS.search(tempfile.gettempdir()):
        return read([linked(path) for path in paths])
    return by_pattern(paths, read)


def linked(path):
    """The local path with a link in place of all before the last mark. Its end, which names the file, stays."""
    names = path.split("/")
    at = max((at for at, name in enumerate(names) if MARKS.search(name)), default=None)
    if at is None or not os.path.isabs(path):
        return path
    folder = "/".join(names[: at + 1])
    if folder not in LINKS:
        if not LINKS:
            LINKS[""] = tempfile.mkdtemp(prefix="purchases-links-")
            atexit.register(shutil.rmtree, LINKS[""], ignore_errors=True)
        # Spark decides by a file's ending whether it is compressed.
        ending = MARKS.sub("", "".join(os.path.splitext(names[at])[1:])) if at == len(names) - 1 else ""
        LINKS[folder] = f"{LINKS['']}/{len(LINKS)}{ending}"
        os.symlink(folder, LINKS[folder])
    return "/".join([LINKS[folder], *names[at + 1 :]])


def by_pattern(paths, read):
    """Each path as the pattern that fits it alone. Error: a platform on which it fits something else."""
    frame = read([MARKS.sub(r"\\\g<0>", path) for path in paths])
    if {unquote(name).removeprefix("file://") for name in frame.inputFiles()} != set(paths):
        raise RuntimeError(f"Spark takes {paths[0]} for a pattern. Give the lake a path without any of * ? [ ] {{ }} and backslashes.")
    return frame


def write_parquet(frame, folder, by=()):
    writer = frame.write.mode("overwrite")
    (writer.partitionBy(*by) if by else writer).parquet(folder)


def write_lines(frame, folder):
    """Writes a frame of one text column as lines."""
    frame.write.mode("overwrite").option("lineSep", "\n").text(folder)


def append_by_jdbc(frame, options):
    frame.write.format("jdbc").mode("append").options(**options).save()
