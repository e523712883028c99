"""Escaping of spreadsheet cells, because the programs run text that looks like a formula."""

from __future__ import annotations

import re

from django.utils.functional import Promise

# Not allowed in XML, so an XLSX file cannot hold them. Tab, line feed and carriage return are allowed.
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: object) -> object:
    """Return the value as it may be written to XLSX or CSV.

    Text that starts like a formula gets a leading apostrophe and loses characters that no sheet can hold; numbers,
    dates, booleans and None pass untouched. A translated sentence is text.
    """
    if not isinstance(value, str | Promise):
        return value
    text = _ILLEGAL.sub("", str(value))
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
