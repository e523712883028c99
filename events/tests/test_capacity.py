"""Full events: sign-ups close and reopen by themselves."""

from __future__ import annotations

import pytest

from credentials.tests.factories import QualificationFactory
from events.models import Event
from events.rules.lifecycle import Status
from events.services import crew, lifecycle
from events.tests.factories import EventFactory
from events.tests.stories import NOW, able, fill, history, make_event, told
from medcover.common.errors import DomainError
from roster.tests.factories import make_coordinator, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def leading():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def boss():
    return make_coordinator(name="Procházková Jana")


def move(event: Event, code: str, by, **options) -> Event:
    lifecycle.transition(event.pk, code, by=by, at=options.pop("at", NOW), **options)
    event.refresh_from_db()
    return event


class TestFullEvents:
    def test_are_not_opened_by_hand(self, boss, leading):
        event = make_event(leading, status=Status.CLOSED)
        fill(event, able(leading), make_member())
        with pytest.raises(DomainError):
            move(event, "open", boss)
        result = lifecycle.bulk_transition([event.pk], "open", by=boss, at=NOW)
        assert result.changed == []
        assert result.skipped[0][0] == event.name

    def test_an_empty_plan_is_not_full(self, boss):
        event = EventFactory(status=Status.PUBLISHED)
        assert move(event, "open", boss).status == Status.OPEN

    def test_opened_by_time_close_again_quietly(self, leading):
        event = make_event(leading, status=Status.PUBLISHED, signups_open_at=NOW)
        fill(event, able(leading), make_member())
        assert lifecycle.open_due(at=NOW) == 1
        event.refresh_from_db()
        assert (event.status, event.capacity_closed) == (Status.CLOSED, True)
        assert not told()


class TestCapacity:
    def test_a_leaver_reopens_even_what_a_coordinator_closed(self, boss, leading):
        event = make_event(leading)
        person = able(leading)
        fill(event, person)
        move(event, "close", boss)
        crew.leave(event.pk, by=person)
        event.refresh_from_db()
        assert (event.status, event.capacity_closed) == (Status.OPEN, False)

    def test_the_optional_place_counts_too(self, leading):
        event = make_event(leading, places=1, optional=1)
        mandatory, optional = event.positions.order_by("is_optional")
        crew.claim(mandatory.pk, by=able(leading), at=NOW)
        event.refresh_from_db()
        assert event.status == Status.OPEN
        crew.claim(optional.pk, by=make_member(), at=NOW)
        event.refresh_from_db()
        assert (event.status, event.capacity_closed) == (Status.CLOSED, True)

    def test_neither_tells_anybody_but_both_are_recorded_as_the_systems(self, leading):
        event = make_event(leading, places=1)
        person = able(leading)
        crew.claim(event.positions.get().pk, by=person, at=NOW)
        crew.leave(event.pk, by=person)
        assert {code for code, _person in told()} == {"assignment_confirmed", "assignment_released"}
        steps = history(event, kind="status_change")
        assert [entry.changes_dict["status"] for entry in steps] == [["open", "closed"], ["closed", "open"]]
        assert {entry.actor for entry in steps} == {None}

    @pytest.mark.parametrize("status", [Status.DRAFT, Status.PUBLISHED])
    def test_nothing_reopens_before_its_time(self, boss, leading, status):
        event = make_event(leading, places=1, status=status)
        person = able(leading)
        fill(event, person)
        crew.leave(event.pk, by=person)
        event.refresh_from_db()
        assert event.status == status
