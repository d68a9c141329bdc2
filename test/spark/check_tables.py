"""Checks of `purchases_spark.tables` on a platform's own session, independent of the user's settings.

usage: python check_tables.py FOLDER; a line of JSON on standard output.
"""

import json
import os
import sys

from pyspark.sql import SparkSession

from purchases_spark import tables
from purchases_spark.bronze_to_silver import literal
from purchases_spark.session import open_session

ODD = "lake [1]{a,b}*? %41 #1 :é '"
TEXTS = ["${env:PURCHASES_SECRET}", "${spark.app.name}", "a'b\\n", "x' --", "\0/*", "{first}", "$1 :x ünï"]
ASKS_FOR_SECRETS = "select '${env:PURCHASES_SECRET}|${spark:spark.app.name}|${system:user.home}|${hiveconf:x}' as text"


def main(folder):
    other_session = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    session = open_session("check")
    found = {"apart": session.conf.get("spark.sql.ansi.enabled") != other_session.conf.get("spark.sql.ansi.enabled")}
    # A user of the session may switch it on at any time.
    session.conf.set("spark.sql.variable.substitute", "true")
    session.conf.set("spark.sql.parser.escapedStringLiterals", "false")
    found["text"] = tables.statement(session, ASKS_FOR_SECRETS).collect()[0]["text"]
    escaped = tables.statement(session, "select '\\x' as text").collect()[0]["text"]
    found["escaped"] = escaped
    found["literals"] = [tables.statement(session, f"select {literal(text)} as t").collect()[0]["t"] == text for text in TEXTS]
    odd = os.path.join(folder, ODD)
    decoys = [name for name in (f"lake 1a{'x' * 3} %41 #1 :é '", "lake 1", ODD.replace("%41", "A")) if name != ODD]
    for name in decoys:
        tables.write_parquet(session.range(100), os.path.join(folder, name, "made"))
    # Several files: each is read once.
    tables.write_parquet(session.range(3).repartition(3), os.path.join(odd, "made"))
    parts = [os.path.join(odd, "made", name) for name in sorted(os.listdir(os.path.join(odd, "made"))) if name.startswith("part-")]
    found["rows"] = tables.parquet(session, parts).count()
    with open(os.path.join(odd, "rates.csv"), "w", encoding="utf-8") as file:
        file.write("currency\nAUD\n")
    found["csv"] = tables.csv(session, os.path.join(odd, "rates.csv"), "currency string").count()
    # Without a folder for links every special character is escaped; a platform without escapes reads nothing.
    other = os.path.join(folder, "x[1]{a,b}*")
    tables.write_parquet(session.range(4).repartition(2), os.path.join(other, "made"))
    tables.write_parquet(session.range(9), os.path.join(folder, "x1a", "made"))
    patterns = [os.path.join(other, "made", name) for name in os.listdir(os.path.join(other, "made")) if name.startswith("part-")]
    found["escaped_rows"] = tables.by_pattern(patterns, lambda places: session.read.parquet(*places)).count()
    decoy = os.path.join(folder, "decoys", "y1")
    os.makedirs(decoy)
    os.rename(parts[0], os.path.join(decoy, "part"))
    asked = os.path.join(folder, "decoys", "y[1]", "part")
    try:
        tables.by_pattern([asked], lambda places: session.read.parquet(asked)).count()
    except Exception as error:
        found["patterns"] = type(error).__name__
    print(json.dumps(found))


main(sys.argv[1])
