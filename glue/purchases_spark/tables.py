"""
The one door between Spark and what lies outside: every path, statement and connection goes through
here.
"""

from urllib.parse import unquote

from purchases_spark.session import enforce

# Off, a path is the name of a file. On, which is Spark's default, `[1]`, `{a,b}`, `*` and `?` in it
# stand for other files.
GLOBS = "__globPaths__"
GLOB_MARKS = set("*?[]{}\\")


def statement(session, text):
    """The frame of a statement, parsed by the settings on which its meaning rests."""
    enforce(session)
    return session.sql(text)


def parquet(session, paths):
    """The rows of just these Parquet files."""
    paths = [*paths]
    return exact(session.read.option(GLOBS, "false").parquet(*paths), paths)


def csv(session, path, schema):
    """The rows of one CSV file with a header."""
    return exact(session.read.option(GLOBS, "false").schema(schema).option("header", "true").csv(path), [path])


def exact(frame, paths):
    """
    The frame, where it reads the files that were named. Error: a platform that takes a name for a
    pattern all the same.
    """
    if not any(GLOB_MARKS.intersection(path) for path in paths):
        return frame
    found = {unquote(name).removeprefix("file://") for name in frame.inputFiles()}
    if found != set(paths):
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
