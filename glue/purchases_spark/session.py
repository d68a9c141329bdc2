"""The Spark session with the settings on which the rules' meaning rests."""

import atexit
import os
import shutil
import tempfile
from contextlib import contextmanager

from pyspark.sql import SparkSession

# The meaning of a statement's text depends on these.
PARSING = {
    # On, which is Spark's default, ${env:NAME} in a text becomes a variable of this process's
    # environment.
    "spark.sql.variable.substitute": "false",
    # A backslash in a literal stays itself, so that one regular expression serves both engines.
    "spark.sql.parser.escapedStringLiterals": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
}
SETTINGS = {
    **PARSING,
    # Off, overflow and bad casts give NULL or wrap; on, they are errors, as in every other engine of the rules.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    # INT96, the default, carries no zone meaning.
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    # The rates of thirty currencies for every day are 20 MB: a copy for each executor, never a shuffle of the rows.
    "spark.sql.autoBroadcastJoinThreshold": str(64 << 20),
    "spark.sql.parquet.compression.codec": "snappy",
    # Both trace a join's key down through every stage of the rules and write each expression out anew: planning one statement took minutes.
    "spark.sql.optimizer.dynamicPartitionPruning.enabled": "false",
    "spark.sql.optimizer.runtime.bloomFilter.enabled": "false",
    # Each stage of the rules is a subquery, and the analyser resolves about one of them a turn; it gives up after 100.
    "spark.sql.analyzer.maxIterations": "1000",
}

# Applications that have the package: a second job in one of them must not send it again.
SENT = set()


def open_session(name, extra=None):
    """
    A session of our own, whose settings and views are nobody else's, in the application that the
    platform has or in a new one. `extra` are settings of the place (master, memory), which must be
    known before the JVM starts.
    """
    builder = SparkSession.builder.appName(name)
    for setting, value in (extra or {}).items():
        builder = builder.config(setting, value)
    session = builder.getOrCreate().newSession()
    for setting, value in SETTINGS.items():
        session.conf.set(setting, value)
    send_package(session)
    return session


def enforce(session):
    """
    Sets once more what decides how a statement is parsed: whoever shares the application may have
    found the session.
    """
    for setting, value in PARSING.items():
        session.conf.set(setting, value)


@contextmanager
def settings(session, wanted):
    """Spark's settings for a while."""
    before = {name: session.conf.get(name) for name in wanted}
    for name, value in wanted.items():
        session.conf.set(name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            session.conf.set(name, value)


def send_package(session):
    """Python workers need this package too; where it came as an archive (--py-files, --extra-py-files) they have it."""
    folder = os.path.dirname(os.path.abspath(__file__))
    if not os.path.isdir(folder) or session.sparkContext.applicationId in SENT:
        return
    SENT.add(session.sparkContext.applicationId)
    made = tempfile.mkdtemp(prefix="purchases-spark-")
    archive = shutil.make_archive(
        os.path.join(made, "purchases_spark"), "zip", os.path.dirname(folder), os.path.basename(folder)
    )
    session.sparkContext.addPyFile(archive)
    atexit.register(shutil.rmtree, made, ignore_errors=True)
