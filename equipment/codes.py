"""Reading the code of an item off whatever was typed or scanned."""

from __future__ import annotations

import re

from equipment.models.stock import CODE_LENGTH, CODE_LETTERS

#: More than any label holds.
_MOST = 2000

_CODE = re.compile(rf"(?<![0-9A-Z])[{CODE_LETTERS}]{{{CODE_LENGTH}}}(?![0-9A-Z])")
_GAPS = re.compile(r"[\s–-]+")


def code_in(text: str) -> str:
    """Return the code that a text holds, in capitals; empty when there is none, or more than one.

    Read are the bare code, the code in groups as it stands on labels, and an address that contains it.
    """
    read = "".join(letter.upper() if letter.isascii() else letter for letter in text[:_MOST])
    whole = _GAPS.sub("", read)
    found = set(_CODE.findall(read)) or ({whole} if _CODE.fullmatch(whole) else set())
    return found.pop() if len(found) == 1 else ""
