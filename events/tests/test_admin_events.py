"""The list of events in the backoffice, and who gets there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from credentials.tests.factories import QualificationFactory
from events.models import Event
from events.rules.lifecycle import Status
from events.rules.planning import Kind
from events.tests.factories import EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.pages import inline_parts, logged_in, text_of
from events.tests.stories import make_capacity_event, make_event, place
from roster.tests.factories import make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

LIST = "/admin/events/event/"


@pytest.fixture
def coordinator():
    return logged_in(make_coordinator())


@pytest.fixture
def soon():
    return timezone.now().replace(microsecond=0) + timedelta(days=3)


def shown(answer) -> list[str]:
    return [event.name for event in answer.context["cl"].result_list]


def listed(client, **params) -> list[str]:
    answer = client.get(LIST, params)
    assert answer.status_code == 200
    return shown(answer)


class TestWhoGetsIn:
    def test_nobody_without_a_login(self, client):
        answer = client.get(LIST)
        assert answer.status_code == 302
        assert answer.url == f"/login/?next={LIST}"

    @pytest.mark.parametrize("make", [make_member, make_viewer])
    def test_no_member_and_no_viewer(self, make):
        client = logged_in(make())
        answer = client.get(LIST, follow=True)
        assert answer.status_code == 403

    @pytest.mark.parametrize("make", [make_coordinator, make_admin])
    def test_coordinators_and_admins(self, make):
        assert logged_in(make()).get(LIST).status_code == 200

    def test_coordinators_delete_nothing_and_nobody_many_at_once(self, coordinator):
        event = EventFactory(is_archived=True)
        assert coordinator.post(reverse("admin:events_event_delete", args=[event.pk])).status_code == 403
        assert "delete_selected" not in text_of(logged_in(make_admin()).get(LIST, {"time": "all"}))


class TestWhatTheListOpensOn:
    def test_upcoming_events_that_are_not_archived_next_first(self, coordinator, soon):
        EventFactory(name="Později", start=soon + timedelta(days=1))
        EventFactory(name="Dřív", start=soon)
        EventFactory(name="Koncept", start=soon + timedelta(days=2), status=Status.DRAFT)
        EventFactory(name="Archiv", start=soon, is_archived=True)
        EventFactory(name="Minulost", start=soon - timedelta(days=30))
        assert listed(coordinator) == ["Dřív", "Později", "Koncept"]

    def test_an_event_that_runs_now_is_upcoming(self, coordinator, soon):
        EventFactory(
            name="Právě teď", start=timezone.now() - timedelta(hours=1), end=timezone.now() + timedelta(hours=1)
        )
        assert listed(coordinator) == ["Právě teď"]

    def test_a_row_answers_what_a_coordinator_asks(self, coordinator, soon):
        event = EventFactory(
            name="Ples", start=soon, master_event=MasterEventFactory(name="Sezóna"), kind=Kind.TRAINING, is_paid=True
        )
        put(make_member(), PositionFactory(event=event))
        PositionFactory(event=event)
        PositionFactory(event=event, is_optional=True)
        page = text_of(coordinator.get(LIST))
        for words in ("(Sezóna)", "1/2", "0/1", "badge-open", "badge-paid", "mortarboard", "person-x"):
            assert words in page

    def test_a_draft_misses_nobody(self, coordinator, soon):
        EventFactory(start=soon, status=Status.DRAFT)
        assert "person-x" not in text_of(coordinator.get(LIST))


class TestStaffingColumn:
    def row(self, client) -> str:
        text = text_of(client.get(LIST))
        return text[text.index("field-staffing_column") :].split("</td>")[0]

    def test_both_modes_show_their_figures_and_the_light_with_its_reasons(self, coordinator, soon):
        driver = QualificationFactory(name="Řidič", can_lead=True)
        event = make_capacity_event({driver: 1}, start=soon)
        cell = self.row(coordinator)
        assert "0 / 2 / 4" in cell
        assert "Naléhavé" in cell
        assert "Chybí účastníci: 2" in cell
        assert "Chybí: Řidič ×1" in cell
        assert "zodp" not in cell  # its own column says that
        assert "Nesplněné podmínky" not in cell  # and the reasons say what
        event.delete()
        PositionFactory(event=EventFactory(start=soon))
        cell = self.row(coordinator)
        assert "0/1" in cell
        assert "1 nutná pozice je volná" in cell

    def test_a_draft_has_figures_and_no_light(self, coordinator, soon):
        make_capacity_event({QualificationFactory(): 1}, start=soon, status=Status.DRAFT)
        cell = self.row(coordinator)
        assert "0 / 2 / 4" in cell
        assert "light-" not in cell

    def test_sorts_by_the_people_who_are_needed_in_both_modes(self, coordinator, soon):
        medic = QualificationFactory()
        make_capacity_event({medic: 1}, minimum=2, name="Podmínky", start=soon)
        make_event(medic, places=3, name="Pozice", start=soon)
        make_event(medic, places=1, optional=4, name="Malá", start=soon)
        column = coordinator.get(LIST).context["cl"].list_display.index("staffing_column")
        assert listed(coordinator, o=str(column)) == ["Malá", "Podmínky", "Pozice"]


class TestFilters:
    @pytest.fixture(autouse=True)
    def events(self, soon):
        past = soon - timedelta(days=30)
        self.master = MasterEventFactory(name="Hokej")
        EventFactory(name="Otevřená", start=soon, responsible_person=make_member())
        self.short = EventFactory(name="Bez lidí", start=soon + timedelta(hours=1), master_event=self.master)
        PositionFactory(event=self.short)
        EventFactory(name="Stará", start=past, status=Status.COMPLETED)
        EventFactory(name="Starší", start=past - timedelta(days=1), status=Status.COMPLETED)
        EventFactory(name="Školení", start=soon + timedelta(hours=2), kind=Kind.TRAINING, status=Status.DRAFT)
        EventFactory(name="Zrušená", start=soon + timedelta(hours=3), status=Status.CANCELLED, is_archived=True)

    def test_past_ones_latest_first(self, coordinator):
        assert listed(coordinator, time="past") == ["Stará", "Starší"]

    def test_everything(self, coordinator):
        assert len(listed(coordinator, time="all", archive="all")) == Event.objects.count()

    def test_archived_ones(self, coordinator):
        assert listed(coordinator, archive="yes") == ["Zrušená"]

    def test_an_unknown_choice_is_the_default(self, coordinator):
        assert listed(coordinator, time="nonsense", archive="x", master="nobody", short="what") == listed(coordinator)

    def test_status(self, coordinator):
        assert listed(coordinator, status__exact="draft") == ["Školení"]

    def test_type_and_paid(self, coordinator):
        assert listed(coordinator, kind__exact="training") == ["Školení"]
        assert listed(coordinator, is_paid__exact="1") == []

    def test_short_of_people(self, coordinator):
        assert listed(coordinator, short="yes") == ["Bez lidí"]

    def test_without_responsible_person(self, coordinator):
        assert listed(coordinator, leaderless="yes") == ["Bez lidí"]

    def test_master_event_is_chosen_from_living_ones_and_keeps_the_other_filters(self, coordinator):
        MasterEventFactory(name="Pryč", is_archived=True)
        answer = coordinator.get(LIST, {"master": self.master.pk, "time": "all"})
        assert shown(answer) == ["Bez lidí"]
        page = text_of(answer)
        assert '<input type="hidden" name="time" value="all">' in page
        assert "Pryč" not in page

    def test_search_knows_neither_case_nor_diacritics(self, coordinator):
        assert listed(coordinator, q="skoleni") == ["Školení"]
        assert listed(coordinator, q="BEZ LIDI") == ["Bez lidí"]

    def test_a_page_behind_the_last_one_leads_to_the_last(self, coordinator):
        answer = coordinator.get(LIST, {"p": "99", "time": "all"})
        assert answer.status_code == 302
        assert "time=all" in answer.url


class TestNumbers:
    def queries(self, client, url) -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get(url).status_code == 200
        return len(found)

    def crowd(self, count, soon):
        leader, medic = make_member(), QualificationFactory(can_lead=True)
        for n in range(count):
            event = EventFactory(
                start=soon + timedelta(hours=n), master_event=MasterEventFactory(), responsible_person=leader
            )
            put(make_member(), PositionFactory(event=event))
            capacity = make_capacity_event({medic: 1}, start=soon + timedelta(hours=n))
            place(capacity, make_member(), make_member())

    def test_the_list_costs_at_most_twenty_queries_and_no_more_with_more_events(self, coordinator, soon):
        self.crowd(2, soon)
        few = self.queries(coordinator, LIST)
        self.crowd(30, soon)
        assert self.queries(coordinator, LIST) <= few <= 20

    def test_nothing_on_the_pages_would_be_stopped_by_the_policy(self, coordinator, soon):
        event = EventFactory(start=soon)
        put(make_member(), PositionFactory(event=event))
        position = PositionFactory(event=event)
        for url in (
            LIST,
            f"{LIST}add/",
            f"{LIST}{event.pk}/change/",
            f"{LIST}{event.pk}/positions/{position.pk}/assign/",
            f"{LIST}{event.pk}/people/{event.assignments.get().pk}/remove/",
            "/admin/events/masterevent/",
            "/admin/events/masterevent/add/",
            f"/admin/events/masterevent/{event.master_event_id}/change/",
        ):
            answer = coordinator.get(url)
            assert answer.status_code == 200, url
            assert inline_parts(answer) == [], url
