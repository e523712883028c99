"""The small changes of the table manager."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from credentials.tests.factories import QualificationFactory
from events.models import Event
from events.rules.lifecycle import Status
from events.services import positions, table
from events.tests.factories import EVENING, PRAGUE
from events.tests.stories import able, fill, make_capacity_event, make_event, told
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from roster.tests.factories import make_coordinator, make_member

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def boss():
    return make_coordinator()


@pytest.fixture
def medic():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def event(medic):
    made = make_event(medic)
    fill(made, able(medic))
    return made


def local(moment):
    return moment.astimezone(PRAGUE)


class TestTimes:
    def test_by_days_the_wall_clock_stays_and_people_are_told(self, medic, boss):
        made = make_event(medic, start=datetime(2027, 3, 27, 22, 0, tzinfo=PRAGUE))
        person = able(medic)
        fill(made, person)
        moved = table.shift_days(made, 1, by=boss, version=1)
        assert local(moved.start) == datetime(2027, 3, 28, 22, 0, tzinfo=PRAGUE)
        assert told("event_changed") == {("event_changed", person)}

    def test_one_end_by_hours(self, event, boss):
        assert table.shift_hours(event, "end", 1, by=boss, version=1).end == event.end + HOUR

    @pytest.mark.parametrize(("edge", "hours"), [("start", 4), ("end", -4), ("end", -5)])
    def test_the_order_of_the_ends_is_kept(self, event, boss, edge, hours):
        with pytest.raises(DomainError):
            table.shift_hours(event, edge, hours, by=boss, version=1)

    def test_to_a_day_and_time(self, event, boss):
        moved = table.set_time(event, "end", date(2027, 5, 16), time(1, 30), by=boss, version=1)
        assert local(moved.end) == datetime(2027, 5, 16, 1, 30, tzinfo=PRAGUE)
        moved = table.set_time(moved, "start", date(2027, 5, 15), time(7), by=boss, version=2)
        assert local(moved.start).hour == 7

    def test_the_opening_of_sign_ups_goes_along_when_it_would_come_too_late(self, medic, boss):
        made = make_event(medic, signups_open_at=EVENING - 2 * HOUR, status=Status.PUBLISHED)
        moved = table.shift_days(made, -1, by=boss, version=1)
        assert moved.signups_open_at == EVENING - timedelta(days=1) - 2 * HOUR

    def test_refusals(self, event, boss, medic):
        with pytest.raises(StaleRecord):
            table.shift_days(event, 1, by=boss, version=9)
        with pytest.raises(NotAllowed):
            table.shift_days(event, 1, by=make_member(), version=1)
        with pytest.raises(DomainError):
            table.shift_days(make_event(medic, status=Status.COMPLETED), 1, by=boss, version=1)


class TestNameAndColour:
    def test_rename(self, event, boss):
        assert table.rename(event.pk, "  Nový  název ", by=boss, version=1).name == "Nový název"

    @pytest.mark.parametrize("name", ["", "   ", "x" * 201])
    def test_bad_names(self, event, boss, name):
        with pytest.raises(DomainError):
            table.rename(event.pk, name, by=boss, version=1)

    def test_colours_are_quiet(self, event, boss):
        table.set_colour(event.pk, table.SWATCHES[3], by=boss, version=1)
        assert Event.objects.get(pk=event.pk).colour == table.SWATCHES[3]
        table.set_colour(event.pk, "", by=boss, version=2)
        assert not told("event_changed")
        with pytest.raises(DomainError):
            table.set_colour(event.pk, "#123456", by=boss, version=3)


class TestCounts:
    def resize(self, event, boss, count, *qualifications):
        return positions.resize_group(event.pk, qualifications, count, by=boss, version=None)

    def test_grows_and_shrinks_a_group_of_equal_positions(self, event, boss, medic):
        self.resize(event, boss, 3, medic)
        assert event.positions.filter(qualifications=medic).count() == 3
        self.resize(event, boss, 1, medic)
        assert event.positions.filter(qualifications=medic).get().occupant is not None
        assert event.positions.count() == 2

    def test_occupied_ones_are_never_removed(self, event, boss, medic):
        with pytest.raises(DomainError):
            self.resize(event, boss, 0, medic)
        assert event.positions.count() == 2

    def test_a_new_place_reopens_what_capacity_closed(self, medic, boss):
        full = make_event(medic, places=1, status=Status.CLOSED, capacity_closed=True)
        fill(full, able(medic))
        self.resize(full, boss, 2, medic)
        full.refresh_from_db()
        assert full.status == Status.OPEN

    @pytest.mark.parametrize("count", [-1, 51])
    def test_within_bounds(self, event, boss, count, medic):
        with pytest.raises(DomainError):
            self.resize(event, boss, count, medic)

    def test_not_for_conditions(self, boss, medic):
        with pytest.raises(DomainError):
            self.resize(make_capacity_event({medic: 1}), boss, 2, medic)

    def test_the_same_count_changes_nothing(self, event, boss, medic):
        assert self.resize(event, boss, 1, medic).version == 1
