"""The page of one master event."""

from __future__ import annotations

from datetime import timedelta

import pytest

from credentials.tests.factories import QualificationFactory, hold
from events.models import Event
from events.rules.lifecycle import Status
from events.services.masters import ensure_general
from events.tests.factories import EVENING, EventFactory, MasterEventFactory, PositionFactory
from events.tests.pages import inline_parts, logged_in, names_in, text_of
from events.tests.stories import make_capacity_event, make_event
from roster.rights import Role
from roster.tests.factories import UserFactory, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def master():
    return MasterEventFactory(name="Zimní sezona", description="Hokej a\nbruslení")


def page(master, person, **params):
    return logged_in(person).get(f"/master-events/{master.pk}/", params)


def test_holds_all_its_events_the_newest_first(master):
    for days, fields in enumerate([{"status": Status.DRAFT}, {}, {"is_archived": True}]):
        EventFactory(name=str(days), master_event=master, start=EVENING + timedelta(days=days), **fields)
    EventFactory(name="jinde")
    assert names_in(page(master, make_member())) == ["2", "1", "0"]
    assert names_in(page(master, make_viewer())) == ["2", "1"]


def test_says_what_it_is_about(master):
    text = text_of(page(master, make_member()))
    assert "Zimní sezona" in text
    assert "Hokej a<br>bruslení" in text
    assert "Zatím tu není žádná akce." in text


def test_says_who_coordinates(master):
    master.coordinator = make_coordinator(name="Nováková Jana")
    master.save()
    assert "Nováková Jana" in text_of(page(master, make_member()))


def test_marks_the_default_one_and_archived_ones(master):
    assert "Výchozí" in text_of(page(ensure_general(), make_member()))
    archived = MasterEventFactory(is_archived=True)
    text = text_of(page(archived, make_member()))
    assert "Archivováno" in text
    assert "/reports/print/" not in text


def test_figures_are_of_what_the_reader_may_know_about(master):
    EventFactory(master_event=master, status=Status.DRAFT)
    EventFactory(master_event=master)
    assert page(master, make_member()).context["statistics"]["total"] == 2
    assert page(master, make_viewer()).context["statistics"]["total"] == 1


def test_one_can_sign_up_there(master):
    place = PositionFactory(event=EventFactory(master_event=master))
    assert f'action="/positions/{place.pk}/claim/"' in text_of(page(master, make_member()))


def test_the_ways_to_the_backoffice_are_for_those_who_may(master):
    assert "/admin/" not in text_of(page(master, make_member()))
    assert f"/admin/events/masterevent/{master.pk}/table/" in text_of(page(master, make_coordinator()))


def test_events_lead_to_it(master):
    event = EventFactory(master_event=master)
    text = text_of(logged_in(make_member()).get(event.get_absolute_url()))
    assert f'href="/master-events/{master.pk}/"' in text
    plain = text_of(logged_in(make_member()).get(EventFactory().get_absolute_url()))
    assert "/master-events/" not in plain


def test_is_for_those_who_may_see_master_events(master):
    assert page(master, UserFactory(roles=[Role.TECHNICIAN])).status_code == 403
    assert logged_in(make_member()).get("/master-events/999999/").status_code == 404


def test_page_by_page(master):
    EventFactory.create_batch(76, master_event=master)
    assert len(names_in(page(master, make_member(), page=2))) == 1
    assert page(master, make_member(), page=3).url.endswith("?page=2")
    assert inline_parts(page(master, make_member())) == []


def test_queries_do_not_grow(master, django_assert_max_num_queries):
    medic, person = QualificationFactory(can_lead=True), make_member()
    hold(person, medic)
    client, url = logged_in(person), f"/master-events/{master.pk}/"

    def add(count: int) -> None:
        for _n in range(count):
            make_event(medic, master_event=master)
            make_capacity_event({medic: 1}, master_event=master)

    add(1)
    client.get(url)
    with django_assert_max_num_queries(13) as few:
        client.get(url)
    add(6)
    most = len(few)
    client.get(url)  # the session remembers what was shown
    with django_assert_max_num_queries(most):
        client.get(url)
    assert Event.objects.count() == 14
