"""Content lines of iCalendar (RFC 5545, sections 3.1 and 3.3.11): a property and its value, escaped and folded.

The library of our choice writes any property of any component, and takes half a millisecond for the dozen lines of
an event; a feed has thousands of events. The tests hold what is written here against what the library reads.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

#: Bytes of one piece of a line. 75 are allowed, of which the space before each further piece takes one; the first piece
#: is as long as the others, as the library has it.
WIDTH = 74
_END = b"\r\n"
#: There are programs that do not put an escape together again which was broken between two pieces.
_BEGINS_ESCAPE = b"\\^"

_LINE_BREAKS = re.compile(r"\r\n?")
#: What the format does not know; of the control characters only tabs and line breaks are text.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ESCAPES = str.maketrans({"\\": r"\\", ";": r"\;", ",": r"\,", "\n": r"\n"})


def content_line(name: str, value: str) -> bytes:
    """Return the line of a property whose value is written as it is: an address, a number, a moment, a word."""
    return fold(f"{name}:{value}".encode())


def text_line(name: str, value: str) -> bytes:
    """Return the line of a property whose value is a text of any kind; control characters are left out."""
    return content_line(name, clean(value).translate(_ESCAPES))


def clean(text: str) -> str:
    """Return the text without control characters; line breaks of any kind become a line feed."""
    return _CONTROL.sub("", _LINE_BREAKS.sub("\n", text))


def utc(moment: datetime) -> str:
    """Return a moment as the format writes it."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def fold(line: bytes) -> bytes:
    """Return the line with its end, broken where it is too long; no character is torn apart."""
    pieces, start = [], 0
    while len(line) - start > WIDTH:
        end = start + WIDTH
        while _continues_character(line[end]):
            end -= 1
        if line[end - 1] in _BEGINS_ESCAPE:
            end -= 1
        pieces.append(line[start:end])
        start = end
    return b"\r\n ".join([*pieces, line[start:]]) + _END


def _continues_character(byte: int) -> bool:
    return byte & 0xC0 == 0x80
