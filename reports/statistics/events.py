"""Events of a year by month and by type, what was cancelled, and how fast events fill."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Aggregate, Count, DateTimeField, DurationField, ExpressionWrapper, F, Func, OuterRef, Q
from django.db.models.functions import Coalesce, ExtractMonth, Greatest
from django.utils import timezone

from events.models import Assignment, Event
from events.rules.lifecycle import Status
from events.rules.staffing import Mode
from reports import covered, hours, selection
from reports.selection import Period


@dataclass(frozen=True)
class Sums:
    """Figures of completed events together; `hours` are what people served on them."""

    events: int = 0
    filled: int = 0
    places: int = 0
    treated: int = 0
    trained: int = 0
    duties: int = 0
    hours: Decimal = Decimal(0)

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, name) + getattr(other, name) for name in Sums.__annotations__))

    @property
    def rate(self) -> Decimal | None:
        """Filled places of a hundred; None where there are none."""
        return Decimal(100 * self.filled) / self.places if self.places else None


Key = tuple[int, str]


def completed(period: Period) -> Any:
    """Completed events of a period, except what is put away."""
    return selection.events(period).filter(status=Status.COMPLETED)


def cancelled(period: Period) -> Any:
    """Cancelled events of a period; they are all put away."""
    return Event.objects.filter(period.starts(), status=Status.CANCELLED).order_by()


def month_of(start: str) -> ExtractMonth:
    """SQL expression: the number of the local month of a moment."""
    return ExtractMonth(start, tzinfo=timezone.get_current_timezone())


def by_month_and_kind(period: Period) -> dict[Key, Sums]:
    """Return sums by number of the month and type of event; two queries, at most 36 rows each."""
    sums = {name: how for name, how in covered.sums().items() if name != "actual_hours"}
    rows = completed(period).values("kind", month=month_of("start")).annotate(**sums)
    found = {(row.pop("month"), row.pop("kind")): Sums(**row) for row in rows}
    for (month, kind), served in _served(period).items():
        found[month, kind] = found.get((month, kind), Sums()) + served
    return found


def _served(period: Period) -> dict[Key, Sums]:
    duties = selection.duties(period).filter(hours.IS_SERVED)
    rows = duties.values("event__kind", month=month_of("event__start")).annotate(
        duties=Count("pk"), hours=hours.total(hours.served_length())
    )
    return {(row["month"], row["event__kind"]): Sums(duties=row["duties"], hours=row["hours"]) for row in rows}


def together(sums: dict[Key, Sums], wanted: Callable[[int, str], bool] = lambda _month, _kind: True) -> Sums:
    """Return the sums of the months and types that are wanted, added."""
    return sum((row for (month, kind), row in sums.items() if wanted(month, kind)), Sums())


def count_by_month(events: Any) -> dict[int, int]:
    """Return how many of the events start in which month."""
    return dict(events.values_list(month_of("start")).annotate(Count("pk")))


class Median(Aggregate):
    """The value in the middle."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True)
class Filling:
    """How many of the completed events had everybody they needed, and after what time half of those had."""

    events: int
    full: int
    median: timedelta | None

    @property
    def days(self) -> float | None:
        """The median in days."""
        return None if self.median is None else self.median / timedelta(days=1)


def filling(period: Period) -> Filling:
    """Return how fast events of a period filled: from when one could sign up to the last person that was needed.

    One can sign up from `signups_open_at`, or since the event was entered. What was entered after it had begun, such as an
    imported event, has no time; what was full before anybody could sign up took none.
    """
    known = completed(period).filter(created__lt=F("start")).annotate(filled_at=_filled_at())
    opened = Greatest(F("created"), Coalesce(F("signups_open_at"), F("created")))
    took = ExpressionWrapper(Greatest(F("filled_at"), opened) - opened, output_field=DurationField())
    is_full = Q(filled_at__isnull=False)
    # GREATEST passes NULL over, so events that never filled are kept out by the filter.
    return Filling(
        **known.aggregate(
            events=Count("pk"),
            full=Count("pk", filter=is_full),
            median=Median(took, filter=is_full, output_field=DurationField()),
        )
    )


def _filled_at() -> Func:
    """SQL expression on an event: when the last needed person came; NULL where somebody was missing, or nobody needed."""
    needed = Coalesce(F("min_participants"), F("mandatory_total"))
    counts = Q(position__isnull=True) | Q(position__is_optional=False)
    came = Assignment.objects.filter(counts, event=OuterRef("pk")).order_by("assigned_at").values("assigned_at")
    # An element of an array that is too short is NULL, and so is the one before the first.
    return Func(
        ArraySubquery(came), needed, template="(%(expressions)s]", arg_joiner=")[", output_field=DateTimeField()
    )


def short(events: Any) -> Any:
    """Those of the events that lacked people: a mandatory place was empty, or fewer came than the minimum."""
    by_positions = Q(staffing_mode=Mode.POSITIONS, mandatory_filled__lt=F("mandatory_total"))
    return events.filter(by_positions | Q(participant_count__lt=F("min_participants")))


def months(sums: dict[Key, Sums]) -> Iterable[tuple[int, Sums]]:
    """Yield the twelve months with their sums."""
    for number in range(1, 13):
        yield number, together(sums, lambda month, _kind, wanted=number: month == wanted)  # type: ignore[misc]
