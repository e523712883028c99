"""The report about one person: their duties, figures, and hours by month."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models.functions import TruncMonth
from django.utils import timezone

from reports import hours, selection
from reports.selection import Period


def duties(person: Any, period: Period) -> Any:
    """Duties of the person, in order of start, each with its event, `planned` and `known` hours (None: not known)."""
    return listed(of(person, period))


def listed(duties: Any) -> Any:
    """Duties as a table shows them; see `duties`."""
    found = duties.select_related("event").order_by("event__start", "pk")
    return found.annotate(planned=hours.planned_length("event__"), known=hours.known_length())


def of(person: Any, period: Period) -> Any:
    """The same without what is shown of each."""
    return selection.duties(period).filter(person=person)


def served_by_month(person: Any, period: Period) -> list[tuple[date, Decimal]]:
    """Return the hours served by local month, for months with any."""
    month = TruncMonth("event__start", tzinfo=timezone.get_current_timezone())
    months = of(person, period).filter(hours.IS_SERVED).annotate(month=month).values("month")
    found = months.annotate(hours=hours.total(hours.served_length())).order_by("month")
    return [(row["month"].date(), row["hours"]) for row in found]


def next_shift(person: Any, at: datetime) -> datetime | None:
    """Return when the person's next shift begins, whatever the report is about."""
    found = of(person, selection.EVER).filter(hours.is_planned(at)).order_by("event__start")
    start: datetime | None = found.values_list("event__start", flat=True).first()
    return start
