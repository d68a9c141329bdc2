"""Reads statements from standard input. Prints for each the errors of a Trino parser and of Athena's dialect, and its DuckDB translation.

in:  [{"name", "sql", "dialect": "trino" | "hive"}]      out: [{"name", "faults": [...], "duckdb": "..."}]
"""

import json
import logging
import sys

import sqlglot
import trino_sql_validator
from sqlglot import exp

# sqlglot only warns of a statement that it cannot parse, and keeps it as a Command: here that is an error.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


def trino_faults(sql: str, dialect: str) -> list:
    """Unknown functions and types are only warnings to the validator: here they are errors."""
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
