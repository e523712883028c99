"""The tables of a year with a picture beside each: what stands in their cells, and where these lead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from medcover.common.czech import MISSING
from reports.statistics.year import Month, Year


class Cell(NamedTuple):
    """A figure in words, the number that the picture draws (None: it draws nothing), and the rows behind it."""

    text: str
    drawn: str | None = None
    url: str = ""


@dataclass(frozen=True)
class Table:
    """A table and its picture; rows are pairs of the cell that names them, and figures.

    `columns` are pairs of a heading and whether the picture draws it.
    """

    title: str
    chart: str
    unit: str
    columns: Sequence[tuple[str, bool]]
    rows: Sequence[tuple[Cell, Sequence[Cell]]]


def tables(year: Year) -> list[Table]:
    """Return the tables of a year."""
    return [_hours(year), _rates(year), _kinds(year), _cancelled(year)]


def _hours(year: Year) -> Table:
    columns = [(_("Month"), False), (_("Hours served"), True), (_("Events"), False)]
    rows = [(_month(year, month), (_tenths(month.sums.hours), _whole(month.sums.events))) for month in year.months]
    return Table(_("Hours served by month"), "bar", "h", columns, rows)


def _rates(year: Year) -> Table:
    columns = [(_("Month"), False), (_("Filled (%)"), True), (_("Positions (filled/total)"), False)]
    rows = [
        (_month(year, month), (_percent(month.sums.rate), Cell(f"{month.sums.filled}/{month.sums.places}")))
        for month in year.months
    ]
    return Table(_("Filled places by month"), "bar", "%", columns, rows)


def _kinds(year: Year) -> Table:
    columns = [
        (_("Type of event"), False), (_("Events"), True), (_("Hours served"), False),
        (_("Treated / participants"), False),
    ]  # fmt: skip
    rows = [
        (
            Cell(str(kind.label), url=_behind(year, kind=kind.value)),
            (_whole(sums.events), _tenths(sums.hours), Cell(f"{sums.treated} / {sums.trained}")),
        )
        for kind, sums in year.kinds
    ]
    return Table(_("Events by type"), "horizontal", "", columns, rows)


def _cancelled(year: Year) -> Table:
    columns = [(_("Month"), False), (_("Cancelled events"), True), (_("Late drop-outs"), True)]
    rows = [
        (
            _month(year, month, what="cancelled"),
            (_whole(month.cancelled), _whole(month.left_late, _behind(year, month, what="left"))),
        )
        for month in year.months
    ]
    return Table(_("Cancelled events and late drop-outs"), "bar", "", columns, rows)


# --- cells ------------------------------------------------------------------------------------------------------


def _behind(year: Year, month: Month | None = None, **parameters: str) -> str:
    """Return the address of the events behind a figure."""
    of_month = {"month": month.number} if month else {}
    return f"{reverse('reports:statistics_events')}?{urlencode({'year': year.number, **parameters, **of_month})}"


def _month(year: Year, month: Month, **parameters: str) -> Cell:
    return Cell(capfirst(str(month.name)), url=_behind(year, month, **parameters))


def _whole(number: int, url: str = "") -> Cell:
    return Cell(number_format(number), str(number), url)


def _tenths(number: Decimal) -> Cell:
    return Cell(number_format(number, 1, force_grouping=True), f"{number:.1f}")


def _percent(rate: Decimal | None) -> Cell:
    return Cell(MISSING) if rate is None else Cell(number_format(round(rate)), f"{rate:.1f}")
