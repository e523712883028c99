"""Readiness as it is read, with what other apps know."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from credentials.tests.factories import QualificationFactory
from events import readiness
from events.models import Event
from events.rules.lifecycle import Status
from events.rules.readiness import Light, Reason
from events.tests.factories import EVENING
from events.tests.pages import logged_in, text_of
from events.tests.stories import NOW, able, fill, make_capacity_event, make_event, place
from roster.tests.factories import make_coordinator

pytestmark = pytest.mark.django_db


@pytest.fixture
def medic():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def equipment(monkeypatch):
    """Another app that knows of missing equipment; returns for which events, and what it was asked."""
    short: set[int] = set()
    asked: list[list[Event]] = []

    def source(events):
        asked.append(list(events))
        missing = Event.objects.filter(pk__in=short).values_list("pk", flat=True)  # as a real one would ask
        return {key: [Reason("equipment", "Chybí vybavení: defibrilátor")] for key in missing}

    monkeypatch.setattr(readiness, "_sources", [])
    readiness.add_source(source)
    readiness.add_source(source)
    return short, asked


def judged(event, at=NOW):
    return Event.objects.with_readiness(at).get(pk=event.pk).readiness


def codes(event, at=NOW):
    return [reason.code for reason in judged(event, at).reasons]


def test_both_modes_answer_the_same_question(medic):
    by_positions, by_conditions = make_event(medic), make_capacity_event({medic: 1})
    assert codes(by_positions) == ["people", "leader"]
    assert codes(by_conditions) == ["people", "conditions", "leader"]
    leader = able(medic)
    fill(by_positions, leader, able())
    place(by_conditions, leader, able())
    Event.objects.update(responsible_person=leader)
    assert judged(by_positions).light == judged(by_conditions).light == Light.READY


def test_the_start_decides_between_attention_and_alarm(medic):
    event = make_event(medic)
    assert judged(event).light == Light.ATTENTION
    assert judged(event, EVENING - timedelta(days=2)).light == Light.ALARM


@pytest.mark.parametrize("fields", [{"status": Status.DRAFT}, {"status": Status.COMPLETED}, {"is_archived": True}])
def test_what_is_not_to_take_place_has_none(medic, fields):
    assert judged(make_event(medic, **fields)) is None
    assert judged(make_event(medic), EVENING + timedelta(days=1)) is None


def test_a_row_that_was_read_otherwise_has_none(medic):
    make_event(medic)
    assert Event.objects.with_staffing().get().readiness is None


class TestReasonsOfOthers:
    def test_come_after_ours_and_keep_the_light_from_being_green(self, medic, equipment):
        short, _asked = equipment
        event = make_event(medic)
        short.add(event.pk)
        assert codes(event) == ["people", "leader", "equipment"]
        leader = able(medic)
        fill(event, leader, able())
        Event.objects.update(responsible_person=leader)
        assert codes(event) == ["equipment"]
        assert judged(event).light == Light.ATTENTION

    def test_are_asked_for_all_events_at_once_and_not_for_what_is_over(self, medic, equipment):
        _short, asked = equipment
        living = [make_event(medic) for _n in range(3)]
        make_event(medic, status=Status.COMPLETED)
        assert len(Event.objects.with_readiness(NOW)) == 4
        assert asked == [living]

    def test_are_not_asked_when_there_is_nothing_to_judge(self, medic, equipment):
        _short, asked = equipment
        make_event(medic, status=Status.COMPLETED)
        assert len(Event.objects.with_readiness(NOW)) == 1
        assert asked == []

    def test_stand_on_the_page_on_the_dashboard_and_in_the_backoffice(self, medic, equipment):
        short, _asked = equipment
        event = make_event(medic, start=timezone.now() + timedelta(days=3))
        short.add(event.pk)
        client = logged_in(make_coordinator())
        for path in (f"/events/{event.pk}/", "/", "/admin/events/event/"):
            text = text_of(client.get(path))
            assert "Naléhavé" in text, path
            assert "Chybí vybavení: defibrilátor" in text, path


def test_costs_one_query_for_all_sources(medic):
    def queries(read):
        with CaptureQueriesContext(connection) as seen:
            rows = [event.readiness for event in read]
        return len(seen), len(rows)

    for _n in range(3):
        make_event(medic)
        place(make_capacity_event({medic: 1}), able(medic))
    asked, rows = queries(Event.objects.with_staffing())
    assert queries(Event.objects.with_readiness(NOW)) == (asked + 1, rows)
