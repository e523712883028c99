"""Assigning, removing and choosing who leads from the event's page, without the backoffice."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext

from credentials.tests.factories import QualificationFactory
from events.models import Event
from events.rules.lifecycle import Status
from events.tests.factories import EVENING, EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.pages import HTMX, inline_parts, logged_in, text_of
from events.tests.stories import able, history, make_capacity_event, make_event, place, told, want_rest
from events.views.assigning import PER_PAGE
from roster.tests.factories import make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def medic():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def leader(medic):
    """A participant who could lead; no coordinator runs the event."""
    return able(medic, name="Vedoucí Eva")


@pytest.fixture
def event(medic, leader):
    event = make_event(medic, places=3, name="Půlmaraton")
    put(leader, event.positions.first())
    return event


@pytest.fixture
def free(event):
    return event.positions.free().order_by("id").first()


@pytest.fixture
def seated(medic, leader):
    """An event staffed by conditions with the leader on it."""
    event = make_capacity_event({medic: 1}, minimum=2, maximum=4, name="Ples")
    place(event, leader)
    return event


def page(event, position=None) -> str:
    return f"/events/{event.pk}/assign/" + (f"?position={position.pk}" if position else "")


def said(answer) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def names(answer) -> list[str]:
    return [candidate.person.name for candidate in answer.context["candidates"]]


class TestWhoMay:
    def test_an_able_participant_where_no_coordinator_places_people(self, event, free, leader):
        text = text_of(logged_in(leader).get(f"/events/{event.pk}/"))
        assert f"/events/{event.pk}/assign/?position={free.pk}" in text
        assert logged_in(leader).get(page(event, free)).status_code == 200

    def test_a_coordinator_who_is_not_on_it(self, event, free):
        assert logged_in(make_coordinator()).get(page(event, free)).status_code == 200

    @pytest.mark.parametrize("who", ["onlooker", "unable", "viewer"])
    def test_nobody_else(self, event, free, who):
        person = make_viewer() if who == "viewer" else make_member()
        if who == "unable":
            put(person, event.positions.free().order_by("id").last())
        client, target = logged_in(person), make_member()
        text = text_of(client.get(f"/events/{event.pk}/"))
        assert "/assign/" not in text
        assert "/remove/" not in text
        assert client.get(page(event, free)).status_code == 403
        assert client.post(page(event, free), {"person": str(target.pk)}).status_code == 403
        assert (
            client.post(f"/events/{event.pk}/people/{event.assignments.first().person_id}/remove/").status_code == 403
        )
        assert not event.assignments.filter(person=target).exists()

    def test_not_on_an_event_that_a_coordinator_runs(self, event, free, leader):
        Event.objects.filter(pk=event.pk).update(master_event=MasterEventFactory(coordinator=make_coordinator()))
        assert logged_in(leader).get(page(event, free)).status_code == 403
        assert "/assign/" not in text_of(logged_in(leader).get(f"/events/{event.pk}/"))

    def test_what_one_may_not_know_about_is_not_found(self):
        draft = EventFactory(status=Status.DRAFT)
        assert logged_in(make_viewer()).get(page(draft)).status_code == 404


class TestAssigning:
    def test_to_a_position(self, event, free, leader):
        person = make_member(name="Dvořák Petr")
        answer = logged_in(leader).post(page(event, free), {"person": str(person.pk)})
        assert answer.url == f"/events/{event.pk}/"
        assignment = event.assignments.get(person=person)
        assert (assignment.position, assignment.assigned_by) == (free, leader)
        assert "Uživatel Dvořák Petr byl přiřazen na akci." in said(answer)
        assert told("assignment_confirmed") == {("assignment_confirmed", person)}

    def test_to_an_event_staffed_by_conditions(self, seated, leader):
        person = make_member(name="Dvořák Petr")
        assert f'href="/events/{seated.pk}/assign/"' in text_of(logged_in(leader).get(f"/events/{seated.pk}/"))
        logged_in(leader).post(page(seated), {"person": str(person.pk)})
        assert seated.assignments.filter(person=person, assigned_by=leader).exists()

    def test_offers_the_same_people_in_the_same_order_as_the_backoffice(self, seated, leader):
        for name in ("Chalupa Jan", "Čermák Ota", "Cibulka Jan"):
            make_member(name=name)
        desk = logged_in(make_coordinator(name="Zezadu Ota"))
        here, there = desk.get(page(seated)), desk.get(f"/admin/events/event/{seated.pk}/assign/")
        assert names(here) == names(there) == ["Cibulka Jan", "Čermák Ota", "Chalupa Jan", "Zezadu Ota"]

    def test_shows_what_is_missing_and_why_somebody_cannot_be_taken(self, medic, leader):
        driver = QualificationFactory(name="Řidič")
        event = make_capacity_event({medic: 1, driver: 1}, minimum=2, maximum=2)
        place(event, leader)
        make_member(name="Dvořák Petr")
        answer = logged_in(leader).get(page(event))
        text = text_of(answer)
        assert "Chybí: Řidič ×1" in text
        assert "vyhrazena pro chybějící kvalifikace" in text
        assert text.count('name="person"') == 0
        assert inline_parts(answer) == []

    def test_typing_and_pages(self, event, free, leader):
        for n in range(PER_PAGE + 1):
            make_member(name=f"Osoba {n:03d}x")
        client = logged_in(leader)
        first = client.get(page(event, free))
        assert len(names(first)) == PER_PAGE
        assert f"position={free.pk}&amp;page=2" in text_of(first)
        part = client.get(page(event, free) + "&q=osoba+007x", headers=HTMX)
        assert names(part) == ["Osoba 007x"]
        assert "<html" not in text_of(part)

    @pytest.mark.parametrize("position", ["", "x", "0", "²", "99999999999999999999999"])
    def test_a_position_has_to_be_named(self, event, leader, position):
        answer = logged_in(leader).get(f"/events/{event.pk}/assign/", {"position": position})
        assert answer.url == f"/events/{event.pk}/"
        assert "Vyberte jednu z volných pozic." in said(answer)

    def test_a_taken_position_leads_back_with_a_sentence(self, event, free, leader):
        put(make_member(), free)
        answer = logged_in(leader).get(page(event, free))
        assert answer.url == f"/events/{event.pk}/"
        assert said(answer)
        by_script = logged_in(leader).get(page(event, free), headers=HTMX)
        assert by_script["HX-Redirect"] == f"/events/{event.pk}/"

    def test_a_lost_race_is_a_sentence(self, event, free, leader):
        person = make_member()
        put(person, event.positions.free().order_by("id").last())
        answer = logged_in(leader).post(page(event, free), {"person": str(person.pk)})
        assert "je již přihlášen" in said(answer)
        assert event.assignments.count() == 2

    @pytest.mark.parametrize("typed", ["", "x", "8c8d4a51-5f7f-4ac8-9d0e-0f4f9f6d8a11"])
    def test_nobody_is_nobody(self, event, free, leader, typed):
        assert logged_in(leader).post(page(event, free), {"person": typed}).status_code == 302
        assert event.assignments.count() == 1

    def test_costs_no_more_queries_with_more_people(self, seated, leader, medic):
        client = logged_in(leader)

        def cost() -> int:
            with CaptureQueriesContext(connection) as found:
                assert client.get(page(seated)).status_code == 200
            return len(found)

        place(make_capacity_event({medic: 1}), able(medic))
        cost()  # the first request of a session also settles how long it lasts
        few = cost()
        for n in range(20):
            place(make_capacity_event({medic: 1}, start=EVENING + timedelta(hours=n)), able(medic))
        assert cost() <= few <= 16


class TestExceptions:
    @pytest.fixture
    def clashing(self):
        """Somebody who has a duty at the same time."""
        person = make_member(name="Dvořák Petr")
        put(person, PositionFactory(event=EventFactory(name="Hokej")))
        return person

    @pytest.fixture
    def tired(self):
        want_rest(8)
        person = make_member(name="Malý Karel")
        put(person, PositionFactory(event=EventFactory(name="Koncert", start=EVENING + timedelta(hours=7))))
        return person

    def test_whoever_may_only_assign_here_sees_them_but_cannot_choose_them(self, event, free, leader, clashing, tired):
        answer = logged_in(leader).get(page(event, free))
        text = text_of(answer)
        assert text.count("⚠️") == 2
        assert "Výjimku může udělit jen koordinátor." in text
        assert f'value="{clashing.pk}"' not in text
        assert f'value="{tired.pk}"' not in text
        assert "people-everyone" not in text
        answer = logged_in(leader).post(page(event, free), {"person": str(tired.pk), "reason": "Nevadí mu to"})
        assert "Výjimku může udělit jen koordinátor." in said(answer)
        assert event.assignments.count() == 1

    def test_nor_can_they_ask_for_the_unqualified(self, event, leader, medic):
        place_for_medic = PositionFactory(event=event, qualifications=[medic])
        make_member(name="Bez kvalifikace")
        answer = logged_in(leader).get(page(event, place_for_medic) + "&everyone=1")
        assert names(answer) == []

    def test_a_coordinator_gives_a_reason_which_is_recorded(self, event, free, clashing):
        client = logged_in(make_coordinator())
        answer = client.post(page(event, free), {"person": str(clashing.pk)})
        assert answer.status_code == 200
        assert "Hokej" in text_of(answer)
        assert inline_parts(answer) == []
        answer = client.post(page(event, free), {"person": str(clashing.pk), "reason": "Přejíždí o půlce"})
        assert answer.url == f"/events/{event.pk}/"
        assert "Hokej" in said(answer)
        assert any("Přejíždí o půlce" in entry.summary for entry in history(event))

    def test_the_member_learns_of_short_rest_on_the_page_and_after_signing_up(self, free, event, tired):
        client = logged_in(tired)
        text = text_of(client.get(f"/events/{event.pk}/"))
        assert "by zbylo málo odpočinku" in text
        assert "3 h odpočinku" in text
        text = text_of(client.post(f"/positions/{free.pk}/claim/", headers={**HTMX, "HX-Target": "event-crew"}))
        assert "Pozor, mezi ní a jinou vaší službou zbývá málo odpočinku:" in text
        assert event.assignments.filter(person=tired).exists()


class TestRemoving:
    @pytest.fixture
    def other(self, event, free):
        person = make_member(name="Dvořák Petr")
        put(person, free)
        return person

    def remove(self, event, person, by, **headers):
        return logged_in(by).post(f"/events/{event.pk}/people/{person.pk}/remove/", headers=headers)

    def test_from_the_event_s_page(self, event, free, leader, other):
        text = text_of(logged_in(leader).get(f"/events/{event.pk}/"))
        assert f"/events/{event.pk}/people/{other.pk}/remove/" in text
        assert f"/people/{leader.pk}/remove/" not in text  # one leaves by oneself
        answer = self.remove(event, other, leader, **HTMX)
        assert answer.status_code == 200
        assert "Uživatel Dvořák Petr byl odhlášen z akce." in text_of(answer)
        assert not event.assignments.filter(person=other).exists()
        assert told("assignment_released") == {("assignment_released", other)}

    def test_without_scripts_leads_back(self, event, leader, other):
        assert self.remove(event, other, leader).url == f"/events/{event.pk}/"

    def test_from_an_event_staffed_by_conditions(self, seated, leader):
        person = make_member()
        place(seated, person)
        self.remove(seated, person, leader)
        assert list(seated.assignments.values_list("person", flat=True)) == [leader.pk]

    def test_twice_is_a_sentence(self, event, leader, other):
        self.remove(event, other, leader)
        answer = self.remove(event, other, leader, **HTMX)
        assert answer.status_code == 409
        assert "Účastník již byl z akce odhlášen." in text_of(answer)

    def test_not_from_what_is_over(self, event, leader, other):
        Event.objects.filter(pk=event.pk).update(status=Status.COMPLETED)
        assert self.remove(event, other, leader, **HTMX).status_code == 409
        assert "/remove/" not in text_of(logged_in(leader).get(f"/events/{event.pk}/"))
        assert event.assignments.count() == 2


class TestResponsiblePerson:
    @pytest.fixture
    def second(self, event, medic):
        person = able(medic, name="Druhá Jana")
        put(person, event.positions.free().order_by("id").last())
        return person

    def choose(self, event, person, by, *, version=None, **headers):
        data = {"person": str(getattr(person, "pk", person)), "version": str(version or event.version)}
        return logged_in(by).post(f"/events/{event.pk}/leader/", data, headers=headers)

    @pytest.fixture
    def led(self, event, leader):
        Event.objects.filter(pk=event.pk).update(responsible_person=leader)
        event.refresh_from_db()
        return event

    def test_is_chosen_among_able_participants_but_not_the_present_one(self, led, leader, second):
        put(make_member(name="Neschopný Jan"), PositionFactory(event=led))
        boss = make_coordinator()
        text = text_of(logged_in(boss).get(f"/events/{led.pk}/"))
        form = text.split(f'action="/events/{led.pk}/leader/"')[1].split("</form>")[0]
        assert "Druhá Jana" in form
        assert "Vedoucí Eva" not in form
        assert "Neschopný Jan" not in form
        answer = self.choose(led, second, boss, **HTMX)
        assert "Zodpovědnou osobou akce je nyní Druhá Jana." in text_of(answer)
        led.refresh_from_db()
        assert led.responsible_person == second

    def test_is_recorded_and_told_to_nobody(self, led, second):
        boss = make_coordinator()
        self.choose(led, second, boss)
        assert boss in {entry.actor for entry in history(led, kind="edit")}
        assert told() == set()

    def test_is_offered_only_where_there_is_a_choice(self, led, leader):
        assert "/leader/" not in text_of(logged_in(make_coordinator()).get(f"/events/{led.pk}/"))
        Event.objects.filter(pk=led.pk).update(responsible_person=None)
        assert "/leader/" in text_of(logged_in(make_coordinator()).get(f"/events/{led.pk}/"))

    def test_needs_the_right_which_leading_does_not_give(self, led, leader, second):
        assert "/leader/" not in text_of(logged_in(leader).get(f"/events/{led.pk}/"))
        assert self.choose(led, second, leader).status_code == 403
        led.refresh_from_db()
        assert led.responsible_person == leader

    @pytest.mark.parametrize("status", [Status.COMPLETED, Status.CANCELLED])
    def test_not_when_it_is_over(self, led, second, status):
        Event.objects.filter(pk=led.pk).update(status=status)
        boss = make_coordinator()
        assert "/leader/" not in text_of(logged_in(boss).get(f"/events/{led.pk}/"))
        assert self.choose(led, second, boss, **HTMX).status_code == 409

    def test_nobody_and_the_unable_are_refused(self, led, leader):
        boss, unable = make_coordinator(), make_member()
        put(unable, PositionFactory(event=led))
        for person in ("", "x", uuid4(), unable):
            assert self.choose(led, person, boss, **HTMX).status_code == 409
        led.refresh_from_db()
        assert led.responsible_person == leader

    def test_a_stale_page_changes_nothing(self, led, leader, second):
        answer = self.choose(led, second, make_coordinator(), version=led.version + 1, **HTMX)
        assert answer.status_code == 409
        led.refresh_from_db()
        assert led.responsible_person == leader


def test_the_page_of_a_big_event_costs_the_same_for_whoever_manages_it(django_assert_max_num_queries, medic, leader):
    def event_with(count: int) -> str:
        event = make_event(medic, places=2 * count + 1)
        put(leader, event.positions.first())
        for position in event.positions.free().order_by("id")[:count]:
            put(able(medic), position)
        return f"/events/{event.pk}/"

    client = logged_in(leader)
    client.get(event_with(1))
    url = event_with(2)
    with django_assert_max_num_queries(16) as few:
        client.get(url)
    url = event_with(15)
    with django_assert_max_num_queries(len(few)):
        client.get(url)
