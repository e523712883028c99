"""Random years of events for tests of figures, and the same figures reckoned slowly and plainly from the rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from debriefing.models import Debriefing
from events.models import Assignment, Event, Position
from events.rules.lifecycle import RUNNING, Status
from events.rules.planning import Kind
from events.rules.staffing import Mode
from events.tests.factories import PRAGUE, MasterEventFactory
from reports import served
from reports.selection import Period
from roster.models import User

YEAR = 2026
#: In the middle of the second year, on the day on which clocks go forward.
NOW = datetime(YEAR, 3, 29, 12, tzinfo=PRAGUE)
#: Half of the events start around the moments that are hard: nights of changing clocks, New Year, now.
_HARD = (
    datetime(YEAR, 3, 29, 0, tzinfo=PRAGUE), datetime(YEAR, 10, 24, 22, tzinfo=PRAGUE),
    datetime(YEAR, 1, 1, 0, tzinfo=PRAGUE), datetime(YEAR - 1, 12, 31, 22, tzinfo=PRAGUE), NOW,
)  # fmt: skip


def build(seed: int, *, people: int = 6, count: int = 40) -> None:
    """Fill the database with events of two years, their people and what these said, by bulk inserts."""
    rng = Random(seed)
    masters = [MasterEventFactory(), MasterEventFactory()]
    crowd = [User(name=f"{rng.choice('ČAŽCH')} {n}", email=f"w{n}@example.org", is_active=True) for n in range(people)]
    for person in crowd:
        person.set_name_keys()
    User.objects.bulk_create(crowd)
    events = [_event(rng, number, rng.choice(masters)) for number in range(count)]
    for event in events:
        event.set_name_keys()
    Event.objects.bulk_create(events)
    Event.objects.filter(pk__in=[event.pk for event in events]).update(created=datetime(YEAR, 1, 5, tzinfo=PRAGUE))
    duties = [duty for event in events for duty in _crew(rng, event, crowd)]
    Assignment.objects.bulk_create(duties)
    Debriefing.objects.bulk_create(
        _debriefing(rng, duty) for duty in duties if duty.event.status == Status.COMPLETED and rng.random() < 0.6
    )


def _event(rng: Random, number: int, master: Any) -> Event:
    start = rng.choice(_HARD) if rng.random() < 0.5 else datetime(YEAR - 1, 1, 1, tzinfo=PRAGUE)
    start += timedelta(minutes=rng.choice([0, 1, 59, 181]), days=rng.choice([0, 0, 1, 200, 500]))
    end = served_end(rng, start)
    really = rng.choice([None, (start + timedelta(minutes=7), served_end(rng, start + timedelta(minutes=7)))])
    by_conditions = rng.random() < 0.3
    return Event(
        name=f"Akce {number}", master_event=master, kind=rng.choice(list(Kind)),
        status=rng.choice([*Status, *[Status.COMPLETED] * 6]),
        is_archived=rng.random() < 0.1, start=start, end=end, is_paid=rng.random() < 0.5,
        actual_start=really and really[0], actual_end=really and rng.choice([really[1], really[1], None]),
        post_event_count=rng.choice([None, 0, 7]), signups_open_at=rng.choice([None, start - timedelta(days=30)]),
        staffing_mode=Mode.CONDITIONS if by_conditions else Mode.POSITIONS,
        min_participants=2 if by_conditions else None, max_participants=4 if by_conditions else None,
    )  # fmt: skip


def served_end(rng: Random, start: datetime) -> datetime:
    """An end by the clock that really runs, with odd minutes and seconds."""
    passed = timedelta(minutes=rng.choice([1, 3, 90, 181, 479, 1440]), seconds=rng.choice([0, 1, 59]))
    return start.astimezone(UTC) + passed


def _crew(rng: Random, event: Event, crowd: list[User]) -> list[Assignment]:
    people = rng.sample(crowd, rng.randint(0, 4))
    came = {person: NOW - timedelta(days=rng.randint(0, 90)) for person in people}
    if event.by_conditions:
        return [Assignment(event=event, person=person, assigned_at=came[person]) for person in people]
    optional = [rng.random() < 0.3 for _person in range(len(people) + rng.randint(0, 1))]
    places = Position.objects.bulk_create(Position(event=event, is_optional=is_optional) for is_optional in optional)
    return [
        Assignment(event=event, person=person, position=place, assigned_at=came[person])
        for person, place in zip(people, places, strict=False)
    ]


def _debriefing(rng: Random, duty: Assignment) -> Debriefing:
    own = rng.choice(["times", "hours", "nothing"])
    start = duty.event.start + timedelta(minutes=11)
    return Debriefing(
        assignment=duty, submitted_by=duty.person, submitted_at=NOW,
        own_start=start if own == "times" else None, own_end=served_end(rng, start) if own == "times" else None,
        own_hours=Decimal(rng.randint(1, 240)) / 10 if own == "hours" else None,
    )  # fmt: skip


# --- the same, slowly ------------------------------------------------------------------------------------------


def tenths(length: timedelta) -> Decimal:
    """Hours, rounded half-up."""
    return (Decimal(length // timedelta(microseconds=1)) / 3_600_000_000).quantize(Decimal("0.1"), ROUND_HALF_UP)


def within(event: Event, period: Period) -> bool:
    """The event starts on a local day of the period."""
    day = event.start.astimezone(PRAGUE).date()
    return (period.first or date.min) <= day <= (period.last or date.max)


def counting(period: Period) -> list[Event]:
    """Events that count, one by one."""
    known = Event.objects.select_related("master_event")
    hidden = {Status.DRAFT, Status.CANCELLED}
    return [e for e in known if not e.is_archived and e.status not in hidden and within(e, period)]


def completed(period: Period) -> list[Event]:
    """Completed events, whether put away or not, one by one."""
    known = Event.objects.select_related("master_event").filter(status=Status.COMPLETED)
    return [event for event in known if within(event, period)]


def served_duties(period: Period) -> list[Any]:
    """Duties on them; see `duties`."""
    return _duties_on(completed(period))


def duties(period: Period) -> list[Any]:
    """Duties on events that count, each with `served`, `planned` and `is_served`, as the one truth has them."""
    return _duties_on(counting(period))


def _duties_on(counted: list[Event]) -> list[Any]:
    events = {event.pk: event for event in counted}
    found = [duty for duty in Assignment.objects.select_related("person") if duty.event_id in events]
    own = served.own_lengths(found)
    for duty in found:
        event = duty.event = events[duty.event_id]
        duty.is_served = event.status == Status.COMPLETED
        duty.is_planned = event.status in RUNNING and event.start > NOW
        duty.served = tenths(served.length_of(duty, own)) if duty.is_served else Decimal(0)
        duty.planned = tenths(event.end - event.start) if duty.is_planned else Decimal(0)
    return found


def grouped(rows: Iterable[Any], key: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    """Put rows with the same key together."""
    groups: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return dict(groups)


def figures(rows: list[Any]) -> tuple[Any, ...]:
    """Shifts and hours, served and planned, free hours, the last shift."""
    done = [duty for duty in rows if duty.is_served]
    return (
        len(done),
        sum(duty.is_planned for duty in rows),
        sum((duty.served for duty in done), Decimal(0)),
        sum((duty.planned for duty in rows), Decimal(0)),
        sum((duty.served for duty in done if not duty.event.is_paid), Decimal(0)),
        max((duty.event.start for duty in done), default=None),
    )
