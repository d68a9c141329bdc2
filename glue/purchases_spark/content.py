"""Bytes to text before any SQL: checked gzip, encodings by byte order mark or declaration, strict UTF-8."""

import re
import zlib

from purchases_spark.errors import Unreadable

ENDING = re.compile(r"\.(?:(csv|tsv|txt)|(json|jsonl|ndjson))(\.gz)?$", re.IGNORECASE)
FLOOR_BYTES = 1 << 20
CHUNK = 1 << 20

# Bytes 80 to 9F; the five that have no character stay controls, as browsers read them.
WINDOWS_1252 = {
    0x80 + at: character
    for at, character in enumerate(
        "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f"
        "\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178"
    )
}


def kind_of(key, declared):
    """csv or json."""
    return declared or ("csv" if ENDING.search(key).group(1) else "json")


def unpacked(key, stored, max_inflation):
    """The object's content, decompressed where its name says so."""
    if ENDING.search(key).group(3) is None:
        return stored
    return gunzip(stored, max_inflation)


def gunzip(stored, max_inflation):
    """All members, each with its checksum; zeros may pad the end."""
    if not stored:
        return b""
    if stored[:2] != b"\x1f\x8b"[: len(stored[:2])]:
        raise Unreadable("The name ends in .gz, but the content is not gzip. Send it compressed, or rename it.")
    most = max(FLOOR_BYTES, len(stored) * max_inflation)
    pieces, written, rest = [], 0, stored
    while rest:
        member = zlib.decompressobj(wbits=31)
        while not member.eof:
            try:
                piece = member.decompress(rest, CHUNK)
            except zlib.error as error:
                zlib_says = str(error).rpartition(": ")[2]
                raise Unreadable(
                    f"The gzip file is damaged after {written} decompressed bytes or more ({zlib_says}). Send the file again."
                ) from error
            rest = member.unused_data if member.eof else member.unconsumed_tail
            pieces.append(piece)
            written += len(piece)
            if written > most:
                raise Unreadable(
                    f"The gzip file of {len(stored)} bytes inflates to more than {most} bytes, {max_inflation} times its size. "
                    "If it is honest, raise limits.maxInflation or send it uncompressed."
                )
            if not piece and not rest and not member.eof:
                raise Unreadable(
                    f"The gzip file is cut short: it ends after {written} decompressed bytes. Send the whole file again."
                )
        if rest[:1] == b"\0":
            if rest.strip(b"\0"):
                raise trailing()
            rest = b""
        elif rest and rest[:2] != b"\x1f\x8b"[: len(rest[:2])]:
            raise trailing()
    return b"".join(pieces)


def trailing():
    return Unreadable("The gzip file holds other bytes after its last member. Send the file again.")


def utf8_text(content, declared):
    """The text as UTF-8 bytes without a byte order mark; a mark beats the declared encoding."""
    refuse_packed(content)
    if content[:3] == b"\xef\xbb\xbf":
        return strict(content[3:], 3)
    if content[:2] == b"\xfe\xff":
        return converted(content[2:], "utf-16-be", "UTF-16BE")
    if content[:2] == b"\xff\xfe":
        return converted(content[2:], "utf-16-le", "UTF-16LE")
    if declared == "latin1":
        return content if content.isascii() else content.decode("latin1").encode("utf-8")
    if declared == "windows-1252":
        return content if content.isascii() else content.decode("latin1").translate(WINDOWS_1252).encode("utf-8")
    return strict(content, 0)


def strict(text, offset):
    """The bytes themselves where they are UTF-8. Cheap for ASCII, and never a copy of the whole text."""
    if not text.isascii():
        try:
            text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise undecodable(
                "UTF-8",
                offset + error.start,
                text[error.start : error.start + 1],
                "If the file has another encoding, declare it in the source's format.encoding (latin1 or windows-1252).",
            ) from error
    return text


def converted(text, codec, name):
    try:
        return text.decode(codec).encode("utf-8")
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        how = "Its byte order mark says so; send the file again, or as UTF-8."
        raise undecodable(name, 2 + start, text[start : start + 1], how) from error


def undecodable(name, offset, found, how):
    return Unreadable(f"Not {name} text: no character begins at byte {offset} ({found.hex(' ')}). {how}")


def refuse_packed(content):
    """Archives and UTF-32 would pass as latin1 or UTF-16 text and become nonsense."""
    magic = content[:4]
    if magic[:2] == b"\x1f\x8b":
        raise Unreadable(
            "The content is gzip, but the name does not end in .gz. Rename the object or send it uncompressed."
        )
    if magic == b"PK\x03\x04":
        raise Unreadable(
            "The content is a zip archive or an Excel workbook. Send the CSV or JSON files themselves."
        )
    if magic in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        raise Unreadable("The content is UTF-32. Send it as UTF-8.")
