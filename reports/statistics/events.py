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

from debriefing.models import Debriefing
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
    hours: Decimal = Decimal(0)

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, name) + getattr(other, name) for name in Sums.__annotations__))

    @property
    def rate(self) -> Decimal | None:
        """Filled places of a hundred; None where there are none."""
        return Decimal(100 * self.filled) / self.places if self.places else None


Key = tuple[int, str]


def completed(period: Period) -> Any:
    """Completed events of a period, also those that were put away since."""
    return Event.objects.filter(period.starts(), status=Status.COMPLETED).order_by()


def cancelled(period: Period) -> Any:
    """Cancelled events of a period; they are all put away."""
    return Event.objects.filter(period.starts(), status=Status.CANCELLED).order_by()


def month_of(start: str) -> ExtractMonth:
    """SQL expression: the number of the local month of a moment."""
    return ExtractMonth(start, tzinfo=timezone.get_current_timezone())


def by_month_and_kind(period: Period) -> dict[Key, Sums]:
    """Return sums by number of the month and type of event; two queries, at most 36 rows each.

    Everybody has served as long as the event was, except those who said otherwise, whose difference is added.
    """
    found = {(row.pop("month"), row.pop("kind")): Sums(**row) for row in _sums(period)}
    for month, kind, difference in _differences(period):
        found[month, kind] += Sums(hours=difference)
    return found


@selection.prepared_of_year
def _sums(period: Period) -> Any:
    sums = {name: how for name, how in covered.sums().items() if name != "actual_hours"}
    sums |= {"short": Count("pk", filter=_is_short()), "timed": Count("pk", filter=Q(created__lt=F("start")))}
    sums["hours"] = hours.total(F("participant_count") * hours.length_of_event())
    return completed(period).values("kind", month=month_of("start")).annotate(**sums)


@selection.prepared_of_year
def _differences(period: Period) -> Any:
    event = "assignment__event__"
    found = Debriefing.objects.with_own_hours().filter(period.starts(event), assignment__event__status=Status.COMPLETED)
    longer = hours.own_length() - hours.length_of_event(event)
    rows = found.order_by().values_list(month_of(f"{event}start"), f"{event}kind")
    return rows.annotate(difference=hours.total(ExpressionWrapper(longer, output_field=hours.HOURS)))


def together(sums: dict[Key, Sums], wanted: Callable[[int, str], bool] = lambda _month, _kind: True) -> Sums:
    """Return the sums of the months and types that are wanted, added."""
    return sum((row for (month, kind), row in sums.items() if wanted(month, kind)), Sums())


def cancelled_by_month(period: Period) -> dict[int, int]:
    """Return how many cancelled events start in which month."""
    return dict(_cancelled_by_month(period))


@selection.prepared_of_year
def _cancelled_by_month(period: Period) -> Any:
    return cancelled(period).values_list(month_of("start")).annotate(Count("pk"))


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
    timed = Q(event__created__lt=F("event__start"))
    came = Window(RowNumber(), partition_by="event", order_by=["assigned_at", "pk"])
    needed = Coalesce(F("event__min_participants"), F("event__mandatory_total"))
    # Of events that lacked people no duty can be the one; leaving them out here halves the time.
    duties = selection.served_duties(selection.written(period)).filter(counts, timed).exclude(_is_short("event__"))
    return duties.annotate(came=came, needed=needed).filter(came=F("needed"))


def short(events: Any) -> Any:
    """Those of the events that lacked people: a mandatory place was empty, or fewer came than the minimum."""
    return events.filter(_is_short())


def _is_short(event: str = "") -> Q:
    """Condition on a row; `event` is the way to its event."""
    lacks_places = Q(**{f"{event}mandatory_filled__lt": F(f"{event}mandatory_total")})
    by_positions = Q(**{f"{event}staffing_mode": Mode.POSITIONS}) & lacks_places
    return by_positions | Q(**{f"{event}participant_count__lt": F(f"{event}min_participants")})


def months(sums: dict[Key, Sums]) -> Iterable[tuple[int, Sums]]:
    """Yield the twelve months with their sums."""
    for number in range(1, 13):
        yield number, together(sums, lambda month, _kind, wanted=number: month == wanted)  # type: ignore[misc]
