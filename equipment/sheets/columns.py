"""Columns of the table of items: what they are called, and how a cell is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from medcover.common.czech import fold
from medcover.common.text import tidy, tidy_lines

TITLE = pgettext_lazy("sheet", "Equipment")


class Unreadable(ValueError):
    """A cell that does not hold what its column asks for."""


@dataclass(frozen=True)
class Column:
    """One column; `read` turns what a cell holds into a value, `width` is in characters."""

    key: str
    heading: Promise
    read: Callable[[Any], Any]
    width: int = 16


def as_line(value: Any) -> str:
    """Read text of one line; whole numbers, as sheets keep serial numbers, without a decimal point."""
    return tidy(_text(value))


def as_lines(value: Any) -> str:
    """Read text of several lines."""
    return tidy_lines(_text(value))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime | date):
        return f"{value:%d.%m.%Y}"
    text = str(value)
    # The mark that keeps programs from running a text (`safe_cell`) is no part of it.
    return text[1:] if re.match(r"'[=+\-@\t\r]", text) else text


_DAYS = ("%d.%m.%Y", "%Y-%m-%d")


def as_day(value: Any) -> date | None:
    """Read a day: as the sheet keeps it, or written in Czech or as ISO does."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date) or value is None:
        return value
    written = "".join(_text(value).split())
    if not written:
        return None
    for pattern in _DAYS:
        try:
            return datetime.strptime(written, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise Unreadable(_("not a day, such as 24.12.2026"))


def as_price(value: Any) -> Decimal | None:
    """Read an amount of money, with a decimal point or comma, with or without spaces and the currency."""
    written = re.sub(r"\s|Kč|CZK", "", _text(value), flags=re.IGNORECASE).replace(",", ".")
    if not written:
        return None
    try:
        price = Decimal(written).quantize(Decimal("0.01"))
    except InvalidOperation as error:
        raise Unreadable(_("not an amount, such as 1 250,50")) from error
    if price.is_nan():
        raise Unreadable(_("not an amount, such as 1 250,50"))
    return price


#: What is read from a file, in the order in which it is written.
COLUMNS = (
    Column("code", _("Code"), as_line, 20),
    Column("name", pgettext_lazy("thing", "Name"), as_line, 32),
    Column("type", _("Type"), as_line, 22),
    Column("location", _("Storage location"), as_line, 22),
    Column("place", _("Place within the location"), as_line, 24),
    Column("manufacturer", _("Manufacturer"), as_line),
    Column("model", _("Model"), as_line),
    Column("serial_number", _("Serial number"), as_line),
    Column("acquired_on", _("Acquired on"), as_day, 13),
    Column("acquired_from", _("Acquired from"), as_line),
    Column("price", _("Price"), as_price, 11),
    Column("warranty_until", _("Warranty until"), as_day, 13),
    Column("service_due", _("Next service due"), as_day, 13),
    Column("expires_on", _("Expires on"), as_day, 13),
    Column("description", _("Description"), as_lines, 36),
    Column("notes", _("Notes"), as_lines, 36),
)


def _languages() -> Iterable[str]:
    return [code for code, _name in settings.LANGUAGES]


def column_called(heading: str) -> Column | None:
    """Return the column of a heading in any of our languages, whatever case and diacritics."""
    for language in _languages():
        with translation.override(language):
            for column in COLUMNS:
                if fold(str(column.heading)) == fold(heading):
                    return column
    return None


def titles() -> tuple[str, ...]:
    """Return what the sheet is called in our languages."""
    found = []
    for language in _languages():
        with translation.override(language):
            found.append(str(TITLE))
    return tuple(dict.fromkeys(found))
