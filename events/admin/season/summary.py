"""The report of an import as a page shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.season import Part, Remark, SeasonReport

_KINDS: dict[str, tuple[Promise, str]] = {
    "created": (_("Created"), "check-lg"),
    "changed": (_("Changed"), "arrow-left-right"),
    "skipped": (_("Skipped"), "x-lg"),
    "doubtful": (_("Doubtful"), "exclamation-triangle"),
}


@dataclass(frozen=True)
class Row:
    """One row with everything that is said about it."""

    row: int | None
    subject: str
    messages: list[str]


@dataclass(frozen=True)
class Section:
    """Rows with the same outcome, in one part of the season."""

    kind: str
    title: Promise
    icon: str
    part: Part
    rows: Sequence[Row]


def sections_of(report: SeasonReport) -> Iterator[Section]:
    """Yield what was created, changed, skipped and doubtful, each part of the season apart."""
    for kind, (title, icon) in _KINDS.items():
        for part, remarks in groupby(getattr(report, kind), key=lambda remark: Part(remark.part)):
            yield Section(kind, title, icon, part, list(_rows(remarks)))


def _rows(remarks: Iterator[Remark]) -> Iterator[Row]:
    for (row, subject), group in groupby(remarks, key=lambda remark: (remark.row, remark.subject)):
        yield Row(row, subject, [remark.message for remark in group])
