"""Reads a JSON list of statements, and writes for each the error of sqlglot's MySQL grammar, or null."""

import json
import logging
import sys

import sqlglot
from sqlglot import exp

# A statement that sqlglot cannot parse is a `Command`: reported in the result, so its warning is off.
logging.disable(logging.WARNING)


def against(sql: str) -> str | None:
    try:
        parsed = sqlglot.parse_one(sql, dialect="mysql")
    except sqlglot.errors.ParseError as error:
        return str(error)
    return "not understood" if isinstance(parsed, exp.Command) else None


json.dump([against(sql) for sql in json.load(sys.stdin)], sys.stdout)
