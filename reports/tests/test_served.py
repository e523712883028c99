"""What counts as served in a month, against an obvious recomputation."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from decimal import Decimal
from random import Random

import pytest

from debriefing.models import Debriefing
from events.models import Assignment
from events.rules.lifecycle import Status
from events.tests.factories import PRAGUE, PositionFactory, put
from events.tests.stories import make_capacity_event, place
from reports.served import served_spans
from reports.tests.duties import at, over, served
from roster.tests.factories import make_member

pytestmark = pytest.mark.django_db

MAY = date(2027, 5, 1)


@pytest.fixture
def person():
    return make_member()


def names(person, month=MAY):
    return [span.event for span in served_spans(person, month)]


def test_only_completed_paid_events_of_the_person_count(person):
    served(person, at(2027, 5, 3), name="Placená")
    served(person, at(2027, 5, 4), name="Neplacená", is_paid=False)
    for status in set(Status) - {Status.COMPLETED}:
        served(person, at(2027, 5, 5), name=status, status=status)
    served(make_member(), at(2027, 5, 6), name="Cizí")
    over(at(2027, 5, 7), name="Bez přihlášky")
    assert names(person) == ["Placená"]


def test_archived_events_and_those_staffed_by_conditions_count(person):
    served(person, at(2027, 5, 3), name="Archivovaná", is_archived=True)
    event = make_capacity_event({}, name="Podmínky", start=at(2027, 5, 2), status=Status.COMPLETED, is_paid=True)
    place(event, person)
    assert names(person) == ["Podmínky", "Archivovaná"]


@pytest.mark.parametrize("month", [MAY, date(2027, 3, 1), date(2027, 10, 1), date(2026, 12, 1)])
def test_a_month_begins_and_ends_at_local_midnight(person, month):
    following = (month + timedelta(days=31)).replace(day=1)
    first, after = at(month.year, month.month, 1, 0), at(following.year, following.month, 1, 0)
    served(person, first, name="První okamžik")
    served(person, after - timedelta(minutes=1), name="Poslední minuta")
    served(person, after, name="Po půlnoci")
    served(person, (first.astimezone(UTC) - timedelta(minutes=1)), name="Předtím")
    assert names(person, month) == ["První okamžik", "Poslední minuta"]


def test_it_took_as_long_as_it_really_did_once_both_times_are_known(person):
    start = at(2027, 5, 3)
    real = {"actual_start": start - timedelta(minutes=10), "actual_end": start + timedelta(hours=5)}
    served(person, start, 4, **real)
    served(person, start + timedelta(days=1), 4, actual_start=real["actual_start"])
    served(person, start + timedelta(days=2), 4, actual_end=real["actual_end"])
    lengths = [span.length for span in served_spans(person, MAY)]
    assert lengths == [timedelta(hours=5, minutes=10), timedelta(hours=4), timedelta(hours=4)]


@pytest.mark.parametrize(("night", "hours"), [(date(2027, 3, 27), 7), (date(2027, 10, 30), 9), (date(2027, 5, 8), 8)])
def test_time_that_really_passes_counts(person, night, hours):
    start = at(night.year, night.month, night.day, 22)
    morning = night + timedelta(days=1)
    served(person, start, end=at(morning.year, morning.month, morning.day, 6))
    (span,) = served_spans(person, night.replace(day=1))
    assert span.length == timedelta(hours=hours)


def test_a_year_at_random_is_as_python_reckons_it(person):
    random = Random(15)
    for number in range(60):
        start = at(2027, 1, 1, 0) + timedelta(minutes=random.randrange(0, 366 * 24 * 60))
        actual = {"actual_start": start, "actual_end": start + timedelta(minutes=random.randrange(1, 900))}
        served(
            random.choice([person, person, make_member()]), start, random.randrange(1, 14), name=f"Akce {number}",
            status=random.choice([Status.COMPLETED, Status.COMPLETED, Status.CLOSED]), is_paid=random.random() < 0.7,
            **(actual if random.random() < 0.5 else {}),
        )  # fmt: skip
    for number in range(1, 13):
        assert served_spans(person, date(2027, number, 1)) == sorted(
            _reckoned(person, number), key=lambda one: one.start
        )


def _reckoned(person, month):
    from reports.served import ServedSpan

    for duty in Assignment.objects.select_related("event"):
        event, local = duty.event, duty.event.start.astimezone(PRAGUE)
        if (duty.person, event.status, event.is_paid) != (person, "completed", True) or local.timetuple()[:2] != (
            2027,
            month,
        ):
            continue
        until, since = (event.actual_end or event.end).timestamp(), (event.actual_start or event.start).timestamp()
        yield ServedSpan(event.name, event.start, timedelta(seconds=until - since))


@pytest.mark.parametrize(
    ("own", "length"),
    [
        ({"own_hours": Decimal("1.5")}, timedelta(hours=1, minutes=30)),
        ({"own_hours": Decimal("9.9")}, timedelta(hours=9, minutes=54)),
        ({"own_start": at(2027, 5, 3, 9), "own_end": at(2027, 5, 3, 9, 50)}, timedelta(minutes=50)),
        ({}, timedelta(hours=6)),
    ],
)
def test_what_people_say_of_themselves_goes_before_the_event(person, own, length):
    real = {"actual_start": at(2027, 5, 3), "actual_end": at(2027, 5, 3, 14)}
    duty = served(person, at(2027, 5, 3), 4, **real)
    put(make_member(), PositionFactory(event=duty.event))
    Debriefing.objects.create(assignment=duty, submitted_by=person, submitted_at=at(2027, 5, 4), **own)
    (span,) = served_spans(person, MAY)
    assert span.length == length


def test_two_queries_however_many(person, django_assert_num_queries):
    for number in range(1, 6):
        served(person, at(2027, 5, number))
    with django_assert_num_queries(2):
        assert len(served_spans(person, MAY)) == 5
