"""Reads statements from standard input and says of each what a Trino parser and Athena's dialect find wrong, and how DuckDB would put it.

in:  [{"name", "sql", "dialect": "trino" | "hive"}]      out: [{"name", "faults": [...], "duckdb": "..."}]
"""

import json
import logging
import sys

import sqlglot
import trino_sql_validator
from sqlglot import exp

# What sqlglot does not understand it warns of and keeps as a Command: here that is a fault.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


def trino_faults(sql: str, dialect: str) -> list:
    """Unknown functions and types are only warnings to the validator: here they are faults."""
    result = trino_sql_validator.validate(sql, dialect=dialect)
    found = [] if result.error is None else [f"trino: {result.error}"]
    return found + [f"trino: {warning}" for warning in result.warnings]


def check(statement: dict) -> dict:
    sql, dialect = statement["sql"], statement["dialect"]
    faults, duckdb = trino_faults(sql, dialect), ""
    try:
        parsed = sqlglot.parse_one(sql, dialect="athena")
        if parsed.find(exp.Command):
            faults.append("sqlglot: not understood, kept as a command")
        elif dialect == "trino":
            duckdb = parsed.sql(dialect="duckdb")
    except sqlglot.errors.SqlglotError as error:
        faults.append(f"sqlglot: {error}")
    return {"name": statement["name"], "faults": faults, "duckdb": duckdb}


json.dump([check(statement) for statement in json.load(sys.stdin)], sys.stdout)
