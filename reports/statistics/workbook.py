"""The statistics of a year as sheets of a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from reports.sheets import Row, Sheet
from reports.statistics.equipment import USES
from reports.statistics.year import Year


def sheets(year: Year, people: Iterable[Any]) -> list[Sheet]:
    """Return the sheets: overview, months, types of events, people, and equipment where it may be seen."""
    made = [_overview(year), _months(year), _kinds(year), _people(year, people)]
    return made if year.equipment is None else [*made, _equipment(year)]


def _sheet(year: Year, name: str, columns: Any, rows: Any, total: Row | None = None) -> Sheet:
    title = _("Statistics of the year %d") % year.number
    return Sheet(name, title, _("Completed events, also those put away since"), columns, rows, total)


def _overview(year: Year) -> Sheet:
    columns = ((_("Figure"), 44), (_("Value"), 14))
    return _sheet(year, _("Overview"), columns, list(_figures(year)))


def _figures(year: Year) -> Iterator[Row]:
    total, retention, filling = year.total, year.retention, year.filling
    yield _("Completed events"), total.events
    yield _("Hours served"), total.hours
    yield _("People who served"), retention.active
    yield _("Of them served last year, too"), retention.kept
    yield _("Of them did not serve last year"), retention.new
    yield _("Served last year only"), retention.left
    yield _("Of last year's people serve still (%)"), _tenths(retention.rate)
    yield _("Filled places (%)"), _tenths(total.rate)
    yield _("Events that lacked people"), total.short
    yield _("Days until an event is full (median)"), _tenths(filling.days)
    yield _("Cancelled events"), year.all_cancelled
    yield _("Late drop-outs"), year.all_left_late
    yield _("People treated"), total.treated
    yield _("People trained"), total.trained


def _tenths(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(Decimal("0.1"))


def _months(year: Year) -> Sheet:
    columns = (
        (_("Month"), 14), (_("Events"), 10), (_("Hours served"), 12), (_("Filled places"), 12),
        (_("Places in total"), 12), (_("Cancelled events"), 12), (_("Late drop-outs"), 12),
    )  # fmt: skip
    rows = [(str(month.name), *_sums(month.sums), month.cancelled, month.left_late) for month in year.months]
    return _sheet(
        year, _("Months"), columns, rows, (_("Total"), *_sums(year.total), year.all_cancelled, year.all_left_late)
    )


def _sums(sums: Any) -> Row:
    return sums.events, sums.hours, sums.filled, sums.places


def _kinds(year: Year) -> Sheet:
    columns = (
        (_("Type of event"), 18), (_("Events"), 10), (_("Hours served"), 12), (_("Filled places"), 12),
        (_("Places in total"), 12), (_("Treated"), 12), (_("Trained"), 12),
    )  # fmt: skip
    rows = [(str(kind.label), *_sums(sums), sums.treated, sums.trained) for kind, sums in year.kinds]
    total = year.total
    return _sheet(year, _("Types of events"), columns, rows, (_("Total"), *_sums(total), total.treated, total.trained))


def _people(year: Year, people: Iterable[Any]) -> Sheet:
    columns = ((_("Name and surname"), 28), (_("Shifts served"), 12), (_("Hours served"), 12), (_("Free hours"), 12))
    rows = ((row["name"], row["shifts"], row["hours"], row["free"]) for row in people)
    return _sheet(year, _("People"), columns, rows)


def _equipment(year: Year) -> Sheet:
    columns = ((_("Type of equipment"), 34), *((str(use.label), 12) for use in USES.values()))
    rows = [(line.name, *line.figures.values()) for line in year.equipment or ()]
    return _sheet(year, _("Equipment"), columns, rows, (_("Total"), *year.equipment_total.values()))
