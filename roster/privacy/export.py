"""Format of exported personal data: values that programs read by stable keys and people in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from medcover.common import czech, formats
from medcover.common.czech import MISSING

#: Key of a column → its label.
Labels = Mapping[str, str | Promise]


@dataclass(frozen=True)
class Worded:
    """A value that people call by other words than programs."""

    value: Any
    words: str | Promise


@dataclass(frozen=True)
class Part:
    """Rows of one kind, or with `single` the one row that there is of it.

    `key` and the keys of `columns` are what the file is read by: once in use they never change. A column with an empty
    label is for programs only. Values are text, numbers, booleans, dates, moments, None, `Worded`, or lists of these.
    """

    key: str
    title: str | Promise
    columns: Labels
    rows: Sequence[Mapping[str, Any]]
    single: bool = False

    def __post_init__(self) -> None:
        """Let no row say anything that has no label, or leave something out."""
        if wrong := [row for row in self.rows if row.keys() != self.columns.keys()]:
            raise TypeError(f"{self.key}: {sorted(wrong[0].keys() ^ self.columns.keys())}")

    def as_data(self) -> Any:
        """Return the rows for a program."""
        rows = [{key: _data(value) for key, value in row.items()} for row in self.rows]
        return rows[0] if self.single else rows

    def labels(self) -> list[str | Promise]:
        """Return the headings of what people see."""
        return [label for label in self.columns.values() if label]

    def as_words(self) -> list[list[tuple[str | Promise, str]]]:
        """Return the rows for people, in the active language and zone: label and words of every column they see."""
        shown = [(key, label) for key, label in self.columns.items() if label]
        return [[(label, in_words(row[key])) for key, label in shown] for row in self.rows]


def choice(row: Any, field: str) -> Worded:
    """Return a column with choices, by its label."""
    return Worded(getattr(row, field), getattr(row, f"get_{field}_display")())


def _data(value: Any) -> Any:
    if isinstance(value, Worded):
        return value.value
    if isinstance(value, list):
        return [_data(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


def in_words(value: Any) -> str:
    """Write a value of a part as people read it."""
    if isinstance(value, Worded):
        return str(value.words) or MISSING
    if value is None or value in ("", []):
        return MISSING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "\n".join(in_words(item) for item in value)
    return _written(value)


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return formats.date_time(value, timezone.get_current_timezone())
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    return czech.decimal(value) if isinstance(value, Decimal) else str(value)
