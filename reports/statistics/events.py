"""Events of a year by month and by type, what was cancelled, and how fast events fill."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Q, Window
from django.db.models.functions import Coalesce, ExtractMonth, Greatest, RowNumber
from django.utils import timezone

from events.models import Event
from events.rules.lifecycle import Status
from events.rules.staffing import Mode
from reports import covered, hours, selection
from reports.selection import Period


@dataclass(frozen=True)
class Sums:
    """Figures of completed events together; `hours` are what people served on them.

    `short` are events that lacked people, `timed` those of which is known since when one could sign up.
    """

    events: int = 0
    filled: int = 0
    places: int = 0
    treated: int = 0
    trained: int = 0
    short: int = 0
    timed: int = 0
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
    sums |= {"short": Count("pk", filter=_is_short()), "timed": Count("pk", filter=Q(created__lt=F("start")))}
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

    full: int
    median: timedelta | None

    @property
    def days(self) -> float | None:
        """The median in days."""
        return None if self.median is None else self.median / timedelta(days=1)


def filling(period: Period) -> Filling:
    """Return how fast events of a period filled: from when one could sign up to the last person that was needed.

    One can sign up from `signups_open_at`, or since the event was entered. What was entered after it had begun, such
    as an imported event, has no time; what was full before anybody could sign up took none.
    """
    opened = Greatest(F("event__created"), Coalesce(F("event__signups_open_at"), F("event__created")))
    took = ExpressionWrapper(Greatest(F("assigned_at"), opened) - opened, output_field=DurationField())
    median = Median("took", output_field=DurationField())
    return Filling(**_last_needed(period).annotate(took=took).aggregate(full=Count("pk"), median=median))


def _last_needed(period: Period) -> Any:
    """The duty by which each event had everybody it needed: on mandatory places, or of the minimum of participants."""
    counts = Q(position__isnull=True) | Q(position__is_optional=False)
    timed = Q(event__status=Status.COMPLETED, event__created__lt=F("event__start"))
    came = Window(RowNumber(), partition_by="event", order_by=["assigned_at", "pk"])
    needed = Coalesce(F("event__min_participants"), F("event__mandatory_total"))
    return selection.duties(period).filter(counts, timed).annotate(came=came, needed=needed).filter(came=F("needed"))


def short(events: Any) -> Any:
    """Those of the events that lacked people: a mandatory place was empty, or fewer came than the minimum."""
    return events.filter(_is_short())


def _is_short() -> Q:
    by_positions = Q(staffing_mode=Mode.POSITIONS, mandatory_filled__lt=F("mandatory_total"))
    return by_positions | Q(participant_count__lt=F("min_participants"))


def months(sums: dict[Key, Sums]) -> Iterable[tuple[int, Sums]]:
    """Yield the twelve months with their sums."""
    for number in range(1, 13):
        yield number, together(sums, lambda month, _kind, wanted=number: month == wanted)  # type: ignore[misc]
