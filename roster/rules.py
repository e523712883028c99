"""Rules about people: pure decisions."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from medcover.common.text import tidy

#: What stands between addresses when many are typed at once.
_SEPARATOR = re.compile(r"[\n\r,;]+")

#: As long as the column that keeps an address.
ADDRESS_LENGTH = 255


def addresses_in(typed: str | Iterable[str]) -> list[str]:
    """Return the addresses typed, in lower case and each once, in their order; malformed ones among them.

    Separators are new lines, commas and semicolons, so no address ever contains one.
    """
    parts = _SEPARATOR.split(typed if isinstance(typed, str) else "\n".join(typed))
    return list(dict.fromkeys(address for part in parts if (address := tidy(part).lower())))


def malformed(addresses: Iterable[str]) -> list[str]:
    """Return those that no mail could be sent to."""
    return [address for address in addresses if not _is_address(address)]


def _is_address(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return len(address) <= ADDRESS_LENGTH
