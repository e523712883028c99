"""Stored staffing figures: kept by the database, whoever changes the rows, and verified in another way."""

from __future__ import annotations

from io import StringIO
from threading import Barrier, Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from credentials.tests.factories import QualificationFactory
from events import jobs
from events.models import Assignment, Event, Offer, Position
from events.rules.waiting import OfferState
from events.services import figures
from events.tests.factories import EVENING, CapacityEventFactory, EventFactory, PositionFactory, put
from roster.tests.factories import make_member


def figures_of(event) -> tuple[int, ...]:
    """The stored numbers as they are now."""
    return Event.objects.values_list(*Event.STAFFING_FIGURES).get(pk=event.pk)


def falsify(event, **numbers: int) -> None:
    """Write wrong figures past the guard."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL medcover.counting_staffing = 'on'")
        Event.objects.filter(pk=event.pk).update(**numbers)
        cursor.execute("SET LOCAL medcover.counting_staffing = ''")


@pytest.mark.django_db
class TestCounting:
    def test_follows_positions_people_and_offers(self):
        event = EventFactory()
        first, second = PositionFactory(event=event), PositionFactory(event=event, is_optional=True)
        put(make_member(), first)
        assert figures_of(event) == (1, 1, 1, 0, 0, 1)
        offer = Offer.objects.create(event=event, position=second, person=make_member(), expires_at=EVENING)
        assert figures_of(event) == (1, 1, 1, 0, 1, 1)
        Offer.objects.filter(pk=offer.pk).update(state=OfferState.DECLINED, answered_at=EVENING)
        Assignment.objects.all().delete()
        Position.objects.filter(pk=first.pk).update(is_optional=True)
        assert figures_of(event) == (0, 0, 2, 0, 0, 0)
        Position.objects.all().delete()
        assert figures_of(event) == (0, 0, 0, 0, 0, 0)

    def test_bulk_writes_of_many_events_count_all_of_them(self):
        events = EventFactory.create_batch(3)
        Position.objects.bulk_create([Position(event=event) for event in events for _n in range(4)])
        assert {figures_of(event) for event in events} == {(4, 0, 0, 0, 0, 0)}

    def test_people_without_a_position_count_as_participants(self):
        event = CapacityEventFactory()
        Assignment.objects.create(event=event, person=make_member())
        assert figures_of(event) == (0, 0, 0, 0, 0, 1)

    def test_a_saved_instance_does_not_bring_old_figures_back(self):
        event = EventFactory()
        PositionFactory(event=event)
        event.name = "Ples"
        event.save()
        assert figures_of(event) == (1, 0, 0, 0, 0, 0)

    def test_a_copy_begins_with_none(self):
        event = PositionFactory().event
        copy = Event.objects.get(pk=event.pk)
        copy.pk = None
        copy.save()
        assert figures_of(copy) == (0, 0, 0, 0, 0, 0)

    def test_direct_writes_are_ignored(self):
        event = PositionFactory().event
        Event.objects.filter(pk=event.pk).update(mandatory_total=9, participant_count=9)
        assert figures_of(event) == (1, 0, 0, 0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_people_who_come_at_once_are_all_counted():
    """Two connections without the services' lock: whoever comes second counts what the first has committed."""
    event, people = CapacityEventFactory(), [make_member() for _n in range(8)]
    gate = Barrier(len(people))

    def come(person) -> None:
        gate.wait()
        try:
            Assignment.objects.create(event=event, person=person)
        finally:
            connection.close()

    threads = [Thread(target=come, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert figures_of(event) == (0, 0, 0, 0, 0, len(people))


@pytest.mark.django_db
class TestVerifying:
    def verified(self, *arguments: str) -> str:
        out = StringIO()
        call_command("verify_staffing", *arguments, stdout=out)
        return out.getvalue()

    def test_finds_nothing_where_all_is_right(self):
        medic = QualificationFactory()
        put(make_member(), PositionFactory(qualifications=[medic]))
        CapacityEventFactory()
        assert figures.differences() == []
        assert "v pořádku" in self.verified()

    def test_names_the_event_and_the_numbers_and_fails(self):
        event = PositionFactory(event__name="Ples").event
        falsify(event, mandatory_filled=7)
        out = StringIO()
        with pytest.raises(CommandError, match="1 akce"):
            call_command("verify_staffing", stdout=out)
        assert out.getvalue() == f"#{event.pk} Ples: mandatory_filled 7 ≠ 0\n"
        assert figures_of(event)[1] == 7

    def test_repairs_on_demand(self):
        event = PositionFactory().event
        falsify(event, mandatory_total=7, held_places=2)
        assert "v pořádku" in self.verified("--repair")
        assert figures_of(event) == (1, 0, 0, 0, 0, 0)

    @pytest.mark.logs_errors
    def test_the_worker_reports_and_repairs_nothing(self, caplog):
        event = PositionFactory().event
        falsify(event, optional_total=3)
        assert jobs.verify_staffing() == 1
        assert "optional_total 3 ≠ 0" in caplog.text
        assert figures_of(event)[2] == 3
