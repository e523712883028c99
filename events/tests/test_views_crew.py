"""Signing up and off from the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from credentials.tests.factories import QualificationFactory, hold
from events.models import Assignment, Event
from events.rules.lifecycle import Status
from events.tests.factories import EVENING, EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.pages import HTMX, inline_parts, logged_in, text_of
from roster.tests.factories import make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return make_member(name="Dvořák Petr")


@pytest.fixture
def event():
    event = EventFactory(name="Půlmaraton")
    PositionFactory(event=event, description="Lékař")
    return event


@pytest.fixture
def place(event):
    return PositionFactory(event=event, description="Řidič")


def claim(place, person, *, target="event-crew", **data):
    headers = {**HTMX, "HX-Target": target} if target else {}
    return logged_in(person).post(f"/positions/{place.pk}/claim/", data, headers=headers)


def leave(event, person, *, htmx=True):
    headers = {**HTMX, "HX-Target": "event-crew"} if htmx else {}
    return logged_in(person).post(f"/events/{event.pk}/leave/", headers=headers)


class TestClaim:
    def test_answers_in_place(self, place, member):
        answer = claim(place, member)
        text = text_of(answer)
        assert answer.status_code == 200
        assert Assignment.objects.get(position=place).person == member
        assert "Jste přihlášeni na akci Půlmaraton, pozice Řidič." in text
        assert "/leave/" in text
        assert "<html" not in text

    def test_keeps_the_eye_on_the_place_that_was_touched(self, place, member):
        assert text_of(claim(place, member)).count("autofocus") == 1

    def test_without_scripts_leads_back_to_the_event(self, place, member):
        answer = claim(place, member, target=None)
        assert (answer.status_code, answer.url) == (302, f"/events/{place.event_id}/")

    def test_without_scripts_leads_back_to_the_list_it_came_from(self, place, member):
        answer = claim(place, member, target=None, next="/events/?q=ples&page=2")
        assert answer.url == "/events/?q=ples&page=2"

    @pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
    def test_never_leads_to_another_site(self, place, member, elsewhere):
        assert claim(place, member, target=None, next=elsewhere).url == f"/events/{place.event_id}/"

    def test_from_the_list_answers_with_the_row(self, place, member):
        answer = claim(place, member, target=f"event-{place.event_id}", next="/events/")
        text = text_of(answer)
        assert text.startswith(f'<tr id="event-{place.event_id}"')
        assert "Přihlášen" in text
        assert "hx-swap-oob" in text

    def test_warns_of_an_overlapping_duty_with_a_link(self, place, member):
        other = EventFactory(name="<Hokej>", start=EVENING + timedelta(hours=2))
        put(member, PositionFactory(event=other))
        text = text_of(claim(place, member))
        assert "Pozor, ve stejnou dobu máte i jinou službu:" in text
        assert f'<a href="/events/{other.pk}/">&lt;Hokej&gt;</a>' in text
        assert Assignment.objects.get(position=place).person == member

    def test_strangers_are_sent_to_the_login(self, place):
        answer = Client().post(f"/positions/{place.pk}/claim/")
        assert answer.url.startswith("/login/")
        assert not Assignment.objects.exists()

    def test_only_by_post(self, place, member):
        assert logged_in(member).get(f"/positions/{place.pk}/claim/").status_code == 405


class TestRefusedClaims:
    """Nothing changes, and the page says why."""

    def refused(self, place, person, words):
        before = Assignment.objects.count()
        answer = claim(place, person)
        assert answer.status_code == 409
        assert words in text_of(answer)
        assert claim(place, person, target=None).status_code == 302
        assert Assignment.objects.count() == before
        assert Event.objects.get(pk=place.event_id).version == 1

    def test_a_viewer(self, place):
        self.refused(place, make_viewer(), "Nemáte oprávnění přihlašovat se na akce.")

    def test_the_unqualified(self, event, member):
        place = PositionFactory(event=event, qualifications=[QualificationFactory()])
        self.refused(place, member, "Nemáte požadovanou kvalifikaci pro tuto pozici.")

    def test_a_lost_race(self, place, member):
        put(make_member(), place)
        self.refused(place, member, "Tato pozice je již obsazena.")

    def test_a_second_place(self, event, place, member):
        put(member, event.positions.first())
        self.refused(place, member, "Již jste přihlášeni na tuto akci.")

    def test_closed_sign_ups(self, place, member):
        Event.objects.update(status=Status.CLOSED)
        self.refused(place, member, "Přihlášky na tuto akci nejsou otevřené.")

    def test_a_coordinated_event(self, place, member):
        Event.objects.update(master_event=MasterEventFactory(coordinator=make_coordinator()))
        self.refused(place, member, "Tuto akci řídí koordinátor")

    def test_what_one_may_not_know_about_is_not_found(self, place):
        Event.objects.update(status=Status.DRAFT)
        assert claim(place, make_viewer()).status_code == 404

    def test_an_unknown_place_is_not_found(self, member):
        assert logged_in(member).post("/positions/999999/claim/").status_code == 404


class TestLeave:
    def test_answers_in_place_and_offers_to_take_it_back(self, event, place, member):
        put(member, place)
        answer = leave(event, member)
        text = text_of(answer)
        assert answer.status_code == 200
        assert not event.assignments.exists()
        assert "Odhlásili jsme vás z akce Půlmaraton." in text
        assert f'form="claim-{place.pk}"' in text
        assert f'<form id="claim-{place.pk}"' in text

    def test_offers_nothing_that_would_be_refused(self, event, place, member):
        put(member, place)
        Event.objects.update(status=Status.PUBLISHED)
        assert 'form="claim-' not in text_of(leave(event, member))

    def test_without_scripts_leads_back_to_the_event(self, event, place, member):
        put(member, place)
        answer = leave(event, member, htmx=False)
        assert (answer.status_code, answer.url) == (302, f"/events/{event.pk}/")

    def test_refuses_whoever_is_not_there(self, event, member):
        assert leave(event, member).status_code == 409

    def test_refuses_on_a_completed_event(self, event, place, member):
        put(member, place)
        Event.objects.update(status=Status.COMPLETED)
        answer = leave(event, member)
        assert answer.status_code == 409
        assert "Nelze odhlásit uživatele z dokončené nebo archivované akce." in text_of(answer)
        assert event.assignments.count() == 1

    def test_says_who_takes_over_the_lead(self, event, place, member):
        put(member, place)
        Event.objects.update(responsible_person=member)
        assert "zodpovědnou osobou se stane jiný" in text_of(logged_in(member).get(f"/events/{event.pk}/"))


class TestChoice:
    @pytest.fixture
    def page(self, event, place, member):
        return lambda **params: logged_in(member).get(f"/events/{event.pk}/join/", params)

    def test_offers_what_fits_with_optional_ones_last(self, event, page):
        PositionFactory(event=event, description="Asistent", is_optional=True)
        PositionFactory(event=event, description="Chirurg", qualifications=[QualificationFactory()])
        text = text_of(page())
        assert "Vyberte pozici" in text
        assert text.index("Lékař</strong>") < text.index("Řidič</strong>") < text.index("Asistent</strong>")
        assert "volitelná" in text
        assert "Chirurg" not in text
        assert inline_parts(page()) == []

    def test_leads_back_where_it_came_from_but_never_to_another_site(self, page):
        assert 'name="next" value="/events/?q=ples"' in text_of(page(next="/events/?q=ples"))
        assert 'value="https://evil' not in text_of(page(next="https://evil.example/"))

    def test_where_nothing_fits_the_event_says_why(self, event, page):
        Event.objects.update(status=Status.CLOSED)
        assert page().url == f"/events/{event.pk}/"


def test_the_page_offers_no_place_on_the_day_after_a_qualification_expired(event, member):
    medic = QualificationFactory()
    hold(member, medic, until=EVENING.date() - timedelta(days=1))
    place = PositionFactory(event=event, qualifications=[medic])
    assert f"/positions/{place.pk}/claim/" not in text_of(logged_in(member).get(f"/events/{event.pk}/"))
