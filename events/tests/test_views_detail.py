"""The page of one event and the changes of its status."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from credentials.tests.factories import QualificationFactory, hold
from events.models import Event
from events.rules.lifecycle import Status
from events.rules.planning import Kind
from events.tests.factories import EVENING, EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.pages import HTMX, inline_parts, logged_in, text_of
from roster.tests.factories import make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def medic():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def event():
    return EventFactory(name="Půlmaraton")


@pytest.fixture
def member():
    return make_member(name="Dvořák Petr")


def page(event, person, **headers):
    return logged_in(person).get(f"/events/{event.pk}/", headers=headers)


def move(event, code, person, **headers):
    return logged_in(person).post(f"/events/{event.pk}/transition/{code}/", headers=headers)


class TestWhoMayRead:
    def test_strangers_are_sent_to_the_login_and_back(self, event):
        answer = Client().get(f"/events/{event.pk}/")
        assert answer.url == f"/login/?next=/events/{event.pk}/"

    def test_everybody_with_the_right_sees_an_event(self, event):
        assert page(event, make_viewer()).status_code == 200

    def test_what_one_may_not_know_about_is_not_found(self):
        draft = EventFactory(status=Status.DRAFT)
        assert page(draft, make_viewer()).status_code == 404
        assert page(draft, make_member()).status_code == 200

    def test_an_unknown_event_is_not_found(self, member):
        assert logged_in(member).get("/events/999999/").status_code == 404


class TestContent:
    def test_says_when_where_and_whom_to_call(self, member):
        event = EventFactory(address="Letná, Praha 7", contact="Karel Novák, 777 123 456", description="Sraz\nu brány")
        text = text_of(page(event, member))
        assert "15.05.2027 18:00" in text
        assert "so 15. 5. 2027 18:00 (4 h)" in text
        assert 'href="https://mapy.com/fnc/v1/search?query=Letn%C3%A1%2C+Praha+7"' in text
        assert 'href="tel:777123456"' in text
        assert "Sraz<br>u brány" in text

    def test_no_call_without_a_number_and_no_card_without_a_place(self, member):
        assert "tel:" not in text_of(page(EventFactory(contact="Karel Novák"), member))
        assert "Místo a kontakt" not in text_of(page(EventFactory(), member))

    def test_a_training_says_how_many_come(self, member):
        event = EventFactory(kind=Kind.TRAINING, planned_participants=12)
        assert "Plánovaný počet účastníků" in text_of(page(event, member))

    @pytest.mark.parametrize(("days", "words"), [(-1000, "Přihlášky otevřeny"), (-1, "Přihlášky se otevřou")])
    def test_says_when_sign_ups_open(self, member, days, words):
        event = EventFactory(status=Status.PUBLISHED, signups_open_at=EVENING + timedelta(days=days))
        assert words in text_of(page(event, member))

    def test_marks_a_missing_responsible_person(self, event, member):
        assert "Chybí zodpovědná osoba" in text_of(page(event, member))
        event.responsible_person = make_member(name="Nováková Jana")
        event.save()
        text = text_of(page(event, member))
        assert "Nováková Jana" in text
        assert "Chybí zodpovědná osoba" not in text

    def test_shows_removed_qualifications_struck(self, event, member):
        gone = QualificationFactory(name="Bývalá", is_deleted=True, deleted_at=EVENING)
        PositionFactory(event=event, qualifications=[gone])
        assert "<s>Bývalá</s> (odstraněna)" in text_of(page(event, member))

    def test_has_nothing_inline(self, event, member, medic):
        hold(member, medic)
        put(member, PositionFactory(event=event, qualifications=[medic]))
        assert inline_parts(page(event, member)) == []
        assert inline_parts(page(event, make_coordinator())) == []


class TestPlaces:
    def test_offers_what_fits_and_says_why_the_rest_does_not(self, event, member, medic):
        open_place = PositionFactory(event=event, description="Řidič")
        PositionFactory(event=event, description="Lékař", qualifications=[medic])
        text = text_of(page(event, member))
        assert f'action="/positions/{open_place.pk}/claim/"' in text
        assert text.count("Nekvalifikován") == 1
        assert "Nemáte požadovanou kvalifikaci pro tuto pozici." in text

    @pytest.mark.parametrize(
        ("status", "reason"),
        [
            (Status.PUBLISHED, "Přihlášky na tuto akci nejsou otevřené."),
            (Status.CLOSED, "Přihlášky na tuto akci nejsou otevřené."),
        ],
    )
    def test_says_why_nobody_can_join(self, event, member, status, reason):
        PositionFactory(event=event)
        Event.objects.update(status=status)
        text = text_of(page(event, member))
        assert reason in text
        assert "/claim/" not in text

    def test_says_that_a_coordinator_places_people(self, event, member):
        PositionFactory(event=event)
        Event.objects.update(master_event=MasterEventFactory(coordinator=make_coordinator()))
        assert "Tuto akci řídí koordinátor" in text_of(page(event, member))

    def test_a_viewer_reads_why_and_gets_no_button(self, event):
        PositionFactory(event=event)
        text = text_of(page(event, make_viewer()))
        assert "Nemáte oprávnění přihlašovat se na akce." in text
        assert "/claim/" not in text

    def test_on_the_event_i_can_leave_and_take_no_second_place(self, event, member):
        put(member, PositionFactory(event=event))
        PositionFactory(event=event)
        text = text_of(page(event, member))
        assert f'action="/events/{event.pk}/leave/"' in text
        assert "/claim/" not in text

    def test_warns_of_another_duty_at_that_time(self, event, member):
        other = EventFactory(name="Hokej", start=EVENING + timedelta(hours=2))
        put(member, PositionFactory(event=other))
        text = text_of(page(event, member))
        assert "Ve stejnou dobu máte i jinou službu" in text
        assert f'href="/events/{other.pk}/"' in text


class TestTransitions:
    def test_offers_what_is_possible_to_whoever_may(self, event, member):
        text = text_of(page(event, make_coordinator()))
        assert "Uzavřít přihlášky" in text
        assert "Zrušit akci" in text
        assert "Uzavřít přihlášky" not in text_of(page(event, member))

    def test_the_responsible_person_opens_and_closes_but_does_not_cancel(self, event, member):
        Event.objects.update(responsible_person=member)
        text = text_of(page(event, member))
        assert "Uzavřít přihlášky" in text
        assert "Zrušit akci" not in text
        assert move(event, "close", member).status_code == 302
        event.refresh_from_db()
        assert event.status == Status.CLOSED
        assert "Znovu otevřít přihlášky" in text_of(page(event, member))

    def test_cancelling_is_asked_about_with_its_consequence(self, event):
        assert "Akce bude zrušena a archivována" in text_of(page(event, make_coordinator()))

    def test_leads_back_to_the_page_with_the_news(self, event):
        client = logged_in(make_coordinator())
        answer = client.post(f"/events/{event.pk}/transition/close/", follow=True)
        assert answer.redirect_chain == [(f"/events/{event.pk}/", 302)]
        assert "Nový stav akce: Přihlášky uzavřeny." in text_of(answer)

    def test_htmx_gets_the_changed_parts(self, event):
        answer = move(event, "close", make_coordinator(), **HTMX)
        text = text_of(answer)
        assert answer.status_code == 200
        assert "<html" not in text
        for part in ("event-crew", "event-summary", "event-waiting", "event-actions", "event-history", "messages"):
            assert f'id="{part}"' in text
        assert text.count("hx-swap-oob") == 5

    def test_without_the_right_it_is_refused(self, event, member):
        assert move(event, "close", member).status_code == 403
        event.refresh_from_db()
        assert event.status == Status.OPEN

    def test_an_impossible_move_changes_nothing_and_says_so(self, event):
        boss = make_coordinator()
        answer = move(event, "publish", boss, **HTMX)
        assert answer.status_code == 409
        assert "Tento přechod stavu není povolen." in text_of(answer)
        event.refresh_from_db()
        assert event.status == Status.OPEN

    @pytest.mark.parametrize("code", ["explode", "complete", "close_when_full"])
    def test_unknown_and_automatic_moves_are_no_request(self, event, code):
        assert move(event, code, make_coordinator()).status_code == 400

    def test_a_draft_one_may_not_know_about_is_not_found(self):
        draft = EventFactory(status=Status.DRAFT)
        assert move(draft, "publish", make_viewer()).status_code == 404

    def test_only_by_post(self, event):
        assert logged_in(make_coordinator()).get(f"/events/{event.pk}/transition/close/").status_code == 405


def test_queries_do_not_grow(django_assert_max_num_queries, member, medic):
    hold(member, medic)
    client = logged_in(member)

    def event_with(count: int) -> str:
        event = EventFactory(responsible_person=make_member())
        for _ in range(count):
            put(make_member(), PositionFactory(event=event, qualifications=[medic]))
            PositionFactory(event=event, qualifications=[medic, QualificationFactory()])
            put(member, PositionFactory(event=EventFactory(start=EVENING + timedelta(hours=1))))
        return f"/events/{event.pk}/"

    client.get(event_with(1))  # the first request of a session also settles how long it lasts
    url = event_with(3)
    with django_assert_max_num_queries(12) as few:
        client.get(url)
    url = event_with(30)
    with django_assert_max_num_queries(len(few)):
        assert client.get(url).status_code == 200
