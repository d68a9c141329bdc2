"""JSON text to rows: elements of an array, lines, or one object over several lines. A broken array is no file; all else is a row."""

import re

from purchases_spark.csv_text import refuse_huge
from purchases_spark.errors import Unreadable

# A text may end in a backslash: its last string is one that is not closed.
STRING = rb'"(?:[^"\\]++|\\(?:.|\Z))*+'
INNER = re.compile(STRING + rb'("|\Z)|[\[\]{}]', re.DOTALL)
OBJECT_MARK = re.compile(STRING + rb'("|\Z)|[\[\]{},]', re.DOTALL)
TOP_STRING = re.compile(STRING + rb'("|\Z)', re.DOTALL)
BLANKS = re.compile(rb"[ \t\r\n]*")
BARE = re.compile(rb'[^ \t\r\n,\]"\[{}]*')
LINE = re.compile(rb"[^\r\n]+")
CLOSES = {b"]": b"[", b"}": b"{"}


class Broken(Exception):
    """`args` are what is wrong and at which byte."""


def layout_of(text):
    """array, object, lines, or None where the text is blank."""
    first = text[BLANKS.match(text).end() :][:1]
    if first == b"":
        return None
    if first == b"[":
        return "array"
    if first == b"{" and is_one_object(text) and sum(1 for _ in lines(text)) > 1:
        return "object"
    return "lines"


def rows(text, layout):
    """The text of each row."""
    if layout == "lines":
        yield from lines(text)
    elif layout == "object":
        yield text.strip(b" \t\r\n")
    else:
        yield from checked(elements(text))


def lines(text):
    for line in LINE.finditer(text):
        row = line.group().strip(b" \t")
        if row:
            refuse_huge(len(row))
            yield row


def checked(found):
    count = 0
    try:
        for row in found:
            refuse_huge(len(row))
            count += 1
            yield row
    except Broken as broken:
        what, at = broken.args
        raise Unreadable(
            f"The JSON array is broken at byte {at} of the text, after {count} elements: {what}. "
            "Correct the array, or send one object a line."
        ) from broken


def elements(text):
    """The values of the array that the text is; `Broken` where brackets, commas or strings do not fit."""
    at = BLANKS.match(text).end() + 1
    first = True
    while True:
        at = BLANKS.match(text, at).end()
        if text[at : at + 1] == b"]" and first:
            break
        end = value_end(text, at, first)
        yield text[at:end]
        first = False
        at = BLANKS.match(text, end).end()
        following = text[at : at + 1]
        if following == b"]":
            break
        if following == b"":
            raise Broken("the brackets are not all closed", at)
        if following != b",":
            raise Broken('"}" closes nothing' if following == b"}" else "a comma is missing between two values", at)
        at += 1
    after = BLANKS.match(text, at + 1).end()
    if after < len(text):
        raise Broken("something follows the array", after)


def value_end(text, at, first):
    start = text[at : at + 1]
    if start == b"":
        raise Broken("the brackets are not all closed", at)
    if start == b",":
        raise Broken('a value is missing before ","', at)
    if start == b"]":
        raise Broken('a value is missing after the last ","', at)
    if start == b"}":
        raise Broken('"}" closes nothing', at)
    if start == b'"':
        match = TOP_STRING.match(text, at)
        if match.group(1) == b"":
            raise Broken("a string is not closed", match.end())
        return match.end()
    if start in (b"[", b"{"):
        return brackets_end(text, at)
    return BARE.match(text, at).end()


def brackets_end(text, at):
    stack = []
    for mark in INNER.finditer(text, at):
        found = mark.group()[:1]
        if found == b'"':
            if mark.group(1) == b"":
                raise Broken("a string is not closed", mark.end())
        elif found in CLOSES:
            if stack.pop() != CLOSES[found]:
                raise Broken(f'"{found.decode()}" closes a bracket of the other kind', mark.start())
            if not stack:
                return mark.end()
        else:
            stack.append(found)
    raise Broken("the brackets are not all closed", len(text))


def is_one_object(text):
    """Whether all of the text is one object; a line end in a string, or an object straight after an object, tells that it is lines."""
    stack, closed_object = [], False
    for mark in OBJECT_MARK.finditer(text):
        found = mark.group()[:1]
        if found == b'"':
            if mark.group(1) == b"" or b"\n" in mark.group() or b"\r" in mark.group():
                return False
        elif found == b",":
            closed_object = False
        elif found in CLOSES:
            if not stack or stack.pop() != CLOSES[found]:
                return False
            closed_object = found == b"}"
            if not stack:
                return BLANKS.match(text, mark.end()).end() == len(text)
        else:
            if closed_object and found == b"{":
                return False
            stack.append(found)
            closed_object = False
    return False
