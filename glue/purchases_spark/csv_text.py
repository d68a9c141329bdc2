"""CSV text to records: the header, and after it records of so many fields, or else one line that is malformed."""

import re

from purchases_spark.errors import Unreadable

DELIMITERS = (b",", b";", b"\t", b"|")
# A slice of a quote-free text: one value for Spark, whose lines it splits itself.
SLICE = 4 << 20
LONGEST_ROW = 256 << 20
LONGEST_HEADER = 16 << 20
ROWS_AT_ONCE = 5_000
LINE_END = re.compile(rb"\r\n|\r|\n")
BLANK_LEAD = re.compile(rb"[ \t\r\n]*")


class Header:
    """`names` as written, unquoted; `end` is the offset behind its line end."""

    def __init__(self, delimiter, names, end):
        self.delimiter, self.names, self.end = delimiter, names, end


def find_header(text, declared):
    """The first record that is no line of blanks, by the delimiter that gives most columns; None where there is none."""
    lead = BLANK_LEAD.match(text).end()
    if lead == len(text):
        return None
    start = max(text.rfind(b"\n", 0, lead), text.rfind(b"\r", 0, lead)) + 1
    best = None
    for delimiter in (declared.encode(),) if declared else DELIMITERS:
        found = header_record(text, start, delimiter)
        if found is not None and (best is None or len(found.names) > len(best.names)):
            best = found
    if best is None:
        raise Unreadable(
            f"The header, at byte {start} of the text, has a quote that is closed wrongly or never. Correct the quotes of the first line."
        )
    if best.end - start > LONGEST_HEADER:
        raise Unreadable(
            f"The header, at byte {start} of the text, does not end within {LONGEST_HEADER} bytes. Is this a CSV file?"
        )
    return best


def header_record(text, start, delimiter):
    field = re.compile(rb'"[^"]*+(?:""[^"]*+)*+"|[^"%b\r\n][^%b\r\n]*+|' % (re.escape(delimiter), re.escape(delimiter)))
    names, at = [], start
    while True:
        if text[at : at + 1] == b'"' and field.match(text, at).end() == at:
            return None
        end = field.match(text, at).end()
        names.append(unquoted(text[at:end]).decode("utf-8"))
        following = text[end : end + 1]
        if following == delimiter:
            at = end + 1
        elif following == b"":
            return Header(delimiter, names, end)
        elif following in b"\r\n":
            return Header(delimiter, names, end + (2 if text[end : end + 2] == b"\r\n" else 1))
        else:
            return None


def unquoted(value):
    return value[1:-1].replace(b'""', b'"') if value[:1] == b'"' else value


def slices(text, start):
    """(from, to, first row, rows) of pieces of whole lines of a text that holds no quote after `start`."""
    first, at = 1, start
    while at < len(text):
        end = slice_end(text, at)
        rows = lines_in(text[at:end])
        if rows > 0:
            yield at, end, first, rows
        first += rows
        at = end


def slice_end(text, at):
    if at + SLICE >= len(text):
        return len(text)
    cut = max(text.rfind(b"\n", at, at + SLICE), text.rfind(b"\r", at, at + SLICE))
    if cut < 0:
        found = LINE_END.search(text, at + SLICE)
        end = len(text) if found is None else found.end()
        refuse_huge(end - at)
        return end
    # A CR that ends the slice may be half of a CRLF.
    return cut + 2 if text[cut : cut + 2] == b"\r\n" else cut + 1


def lines_in(piece):
    """Lines that hold more than blanks and tabs."""
    lines = LINE_END.split(piece) if b"\r" in piece else piece.split(b"\n")
    return sum(1 for line in lines if line and line.strip(b" \t"))


def refuse_huge(size):
    if size > LONGEST_ROW:
        raise Unreadable(
            f"A row of {size} bytes is longer than the {LONGEST_ROW} that a row may have. Is a quote or a line end missing?"
        )


def record_pattern(delimiter, columns):
    d = re.escape(delimiter)
    field = rb'(?:"[^"]*+(?:""[^"]*+)*+"|[^"%b\r\n][^%b\r\n]*+)?+' % (d, d)
    return re.compile(
        rb"(%b(?:%b%b){%d})(?:\r\n|\r|\n|\Z)|([^\r\n]*+)(?:\r\n|\r|\n|\Z)" % (field, d, field, columns - 1)
    ), re.compile(rb"%b(%b)" % (d, field))


def records(text, header):
    """(raw, fields) of each row after the header; fields are None where the row is malformed."""
    record, field = record_pattern(header.delimiter, len(header.names))
    at = header.end
    while at < len(text):
        match = record.match(text, at)
        at = match.end()
        raw = match.group(1)
        if raw is None:
            raw = match.group(2)
            if raw.strip(b" \t"):
                refuse_huge(len(raw))
                yield raw, None
        elif raw.strip(b" \t"):
            refuse_huge(len(raw))
            if b'"' in raw:
                yield raw, [unquoted(value) for value in field.findall(header.delimiter + raw)]
            else:
                yield raw, raw.split(header.delimiter)
