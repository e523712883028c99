"""The list of events."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from credentials.tests.factories import QualificationFactory, hold
from events.models import Event
from events.rules.lifecycle import Status
from events.rules.planning import Kind
from events.tests.factories import EVENING, EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.pages import HTMX, logged_in, names_in
from events.views import listing
from roster.rights import Role
from roster.tests.factories import UserFactory, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

URL = "/events/"


@pytest.fixture
def member():
    return make_member(name="Dvořák Petr")


@pytest.fixture
def page(member):
    """The list as the member sees it; parameters become the address."""
    client = logged_in(member)
    return lambda **params: client.get(URL, params)


class TestWhoMayRead:
    def test_strangers_are_sent_to_the_login_and_back(self):
        answer = Client().get(URL, {"q": "ples"})
        assert answer.status_code == 302
        assert answer.url.startswith("/login/?next=/events/")

    def test_a_role_without_the_right_is_refused(self):
        technician = UserFactory(roles=[Role.TECHNICIAN])
        assert logged_in(technician).get(URL).status_code == 403

    def test_drafts_are_neither_offered_nor_found_without_the_right(self):
        EventFactory(name="Tajná", status=Status.DRAFT)
        answer = logged_in(make_viewer()).get(URL, {"status": "draft"})
        assert names_in(answer) == []
        assert 'value="draft"' not in answer.content.decode()

    def test_a_member_finds_drafts_when_asking_for_them(self, page):
        EventFactory(name="Rozpracovaná", status=Status.DRAFT)
        assert names_in(page()) == []
        assert names_in(page(status="draft")) == ["Rozpracovaná"]


class TestFilter:
    def test_shows_running_events_by_default(self, page):
        for status in Status:
            EventFactory(name=status.value, status=status)
        assert set(names_in(page())) == {"published", "open", "closed"}

    @pytest.mark.parametrize("group", ["status", "kind"])
    def test_a_group_without_anything_selected_finds_nothing(self, page, group):
        EventFactory()
        answer = page(**{group: ""})
        assert names_in(answer) == []
        assert "Výchozí" in answer.content.decode()

    def test_unknown_values_are_ignored(self, page):
        EventFactory(name="Ples")
        assert names_in(page(status=["open", "nonsense"], master="99999", sort="nonsense", page="x")) == ["Ples"]

    def test_by_kind(self, page):
        for kind in Kind:
            EventFactory(name=kind.value, kind=kind)
        assert names_in(page(kind=["training", "medical"])) == ["medical", "training"]

    def test_by_name_whatever_the_diacritics(self, page):
        EventFactory(name="Půlmaraton Žižkov")
        EventFactory(name="Hokej")
        assert names_in(page(q="pulmaraton ziz")) == ["Půlmaraton Žižkov"]

    @pytest.mark.parametrize("text", ["\0", "'; --", "%", "x" * 5000])
    def test_odd_searches_are_harmless(self, page, text):
        EventFactory(name="Ples")
        assert page(q=text).status_code == 200

    def test_by_master_event_of_which_archived_ones_are_not_offered(self, page):
        season = MasterEventFactory(name="Sezóna")
        MasterEventFactory(name="Loni", is_archived=True)
        EventFactory(name="Zápas", master_event=season)
        EventFactory(name="Ples")
        answer = page(master=season.pk)
        assert names_in(answer) == ["Zápas"]
        assert "Loni" not in answer.content.decode()
        assert "(Sezóna)" in " ".join(answer.content.decode().split())

    def test_archived_ones_on_demand(self, page):
        EventFactory(name="Odložená", is_archived=True)
        assert names_in(page()) == []
        assert names_in(page(archived="on")) == ["Odložená"]

    def test_says_where_the_cancelled_ones_are(self, page):
        assert "Zrušené akce najdete mezi archivovanými" in page(status="cancelled").content.decode()

    def test_for_me_finds_only_what_i_can_join(self, page, member):
        medic = QualificationFactory()
        hold(member, medic)
        PositionFactory(event=EventFactory(name="Moje"), qualifications=[medic])
        PositionFactory(event=EventFactory(name="Cizí"), qualifications=[QualificationFactory()])
        PositionFactory(event=EventFactory(name="Zavřená", status=Status.CLOSED), qualifications=[medic])
        run = MasterEventFactory(coordinator=make_coordinator())
        PositionFactory(event=EventFactory(name="Řízená", master_event=run))
        put(member, PositionFactory(event=EventFactory(name="Už tam jsem")))
        PositionFactory(event=Event.objects.get(name="Už tam jsem"))
        assert names_in(page(for_me="on")) == ["Moje"]

    def test_the_form_shows_what_is_in_force(self, page):
        text = page(status=["open"], q="Ples", for_me="on").content.decode()
        assert 'value="Ples"' in text
        assert text.count("checked") == 1 + 1 + len(Kind)  # the status, for me, all kinds


class TestOrder:
    @pytest.fixture(autouse=True)
    def _events(self):
        first = EventFactory(name="Žofín", start=EVENING, responsible_person=make_member(name="Cibulka"))
        PositionFactory.create_batch(2, event=first)
        second = EventFactory(name="Chodov", start=EVENING + timedelta(days=1), status=Status.PUBLISHED)
        PositionFactory(event=second, is_optional=True)
        third = EventFactory(name="Hostivař", start=EVENING + timedelta(days=2), status=Status.CLOSED)
        PositionFactory(event=third)
        third.responsible_person = make_member(name="Chalupa")
        third.save()

    @pytest.mark.parametrize(
        ("sort", "expected"),
        [
            ("start", ["Žofín", "Chodov", "Hostivař"]),
            ("-start", ["Hostivař", "Chodov", "Žofín"]),
            ("name", ["Hostivař", "Chodov", "Žofín"]),
            ("status", ["Chodov", "Žofín", "Hostivař"]),
            ("size", ["Chodov", "Hostivař", "Žofín"]),
            ("-size", ["Žofín", "Hostivař", "Chodov"]),
            ("leader", ["Žofín", "Hostivař", "Chodov"]),
            ("-leader", ["Hostivař", "Žofín", "Chodov"]),
            ("price", ["Žofín", "Chodov", "Hostivař"]),
        ],
    )
    def test_by_every_column_with_empty_values_last(self, page, sort, expected):
        assert names_in(page(sort=sort)) == expected

    def test_headings_by_day_only_when_sorted_by_time(self, page):
        assert page().content.decode().count("day-heading") == 3
        assert "day-heading" not in page(sort="name").content.decode()


class TestPaging:
    @pytest.fixture(autouse=True)
    def _short_pages(self, monkeypatch):
        monkeypatch.setattr(listing, "PER_PAGE", 4)
        for number in range(10):
            EventFactory(name=f"Akce {number}", start=EVENING + timedelta(days=number))

    def test_says_what_is_shown(self, page):
        assert "5–8 z celkem 10 akcí" in page(page=2).content.decode()

    @pytest.mark.parametrize("number", ["0", "-3", "first", ""])
    def test_odd_numbers_show_the_first_page(self, page, number):
        assert names_in(page(page=number))[0] == "Akce 0"

    @pytest.mark.parametrize("number", ["4", "99", "9" * 400])
    def test_past_the_end_leads_to_the_last_page_with_the_filter_kept(self, page, number):
        answer = page(page=number, status=["open", "closed"], q="akce")
        assert answer.status_code == 302
        assert answer.url == "/events/?page=3&status=open&status=closed&q=akce"

    def test_links_keep_the_filter(self, page):
        text = page(q="akce", sort="-start").content.decode()
        assert "?q=akce&amp;sort=-start&amp;page=2" in text


class TestRows:
    def test_one_fitting_place_is_joined_directly(self, page):
        place = PositionFactory()
        text = page().content.decode()
        assert f'action="{reverse("events:claim", args=[place.pk])}"' in text

    def test_several_fitting_places_lead_to_the_choice_and_back(self, page):
        event = EventFactory()
        PositionFactory.create_batch(2, event=event)
        assert f"/events/{event.pk}/join/?next=%2Fevents%2F%3Fq%3Dakce" in page(q="akce").content.decode()

    def test_no_way_in_for_the_unqualified_and_for_viewers(self, page):
        PositionFactory(qualifications=[QualificationFactory()])
        assert "Přihlásit se" not in page().content.decode()
        PositionFactory()
        assert "Přihlásit se" not in logged_in(make_viewer()).get(URL).content.decode()

    def test_says_where_i_am_and_who_is_missing(self, page, member):
        put(member, PositionFactory())
        text = page().content.decode()
        assert "Přihlášen" in text
        assert "Chybí" in text

    def test_cancelled_ones_are_struck_and_show_no_staffing(self, page):
        PositionFactory(event=EventFactory(status=Status.CANCELLED, is_archived=True))
        text = page(status="cancelled", archived="on").content.decode()
        assert "is-struck" in text
        assert "0/1" not in text
        assert "Chybí" not in text

    def test_other_kinds_are_tinted(self, page):
        EventFactory(kind=Kind.TRAINING)
        EventFactory(kind=Kind.PRESENTATION)
        text = page().content.decode()
        assert "tint-training" in text
        assert "tint-presentation" in text


class TestHtmx:
    def test_gets_the_part_alone_and_caches_keep_both_apart(self, member):
        EventFactory(name="Ples")
        answer = logged_in(member).get(URL, headers=HTMX)
        assert names_in(answer) == ["Ples"]
        assert "<html" not in answer.content.decode()
        assert "HX-Request" in answer.headers["Vary"]


def test_queries_do_not_grow(django_assert_max_num_queries):
    member, medic = make_member(), QualificationFactory()
    hold(member, medic)
    client = logged_in(member)

    def fill(count: int) -> None:
        for _ in range(count):
            event = EventFactory(master_event=MasterEventFactory(), responsible_person=make_member())
            put(event.responsible_person, PositionFactory(event=event))
            for _ in range(count // 3):
                PositionFactory(event=event, qualifications=[medic, QualificationFactory()])
            PositionFactory(event=event, qualifications=[medic])

    fill(3)
    client.get(URL)  # the first request of a session also settles how long it lasts
    with django_assert_max_num_queries(12) as few:
        client.get(URL)
    fill(27)
    most = len(few)
    client.get(URL)  # the session remembers what was shown
    with django_assert_max_num_queries(most):
        assert len(names_in(client.get(URL))) == 30
