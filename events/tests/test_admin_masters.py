"""Master events in the backoffice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import Event, MasterEvent
from events.rules.lifecycle import Status
from events.services.masters import ensure_general
from events.tests.factories import EVENING, CapacityEventFactory, EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.filling import filled
from events.tests.pages import logged_in, text_of
from medcover.backoffice.tests.pages import queries_of
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

LIST = "/admin/events/masterevent/"


@pytest.fixture
def coordinator():
    return logged_in(make_coordinator())


@pytest.fixture
def admin():
    return logged_in(make_admin())


def change(master) -> str:
    return reverse("admin:events_masterevent_change", args=[master.pk])


def step(master, code) -> str:
    return reverse("admin:events_masterevent_step", args=[master.pk, code])


def form_of(client, url, **typed):
    return filled(client.get(url), "masterevent_form", **typed)


def told(answer) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


class TestList:
    def test_general_first_then_by_name_with_all_their_events(self, coordinator):
        sheep = MasterEventFactory(name="Čarodějnice")
        MasterEventFactory(name="Dětské dny")
        MasterEventFactory(name="Archiv", is_archived=True)
        EventFactory(master_event=sheep)
        EventFactory(master_event=sheep, is_archived=True)
        rows = coordinator.get(LIST).context["cl"].result_list
        assert [(row.name, row.event_count) for row in rows] == [("Obecné", 0), ("Čarodějnice", 2), ("Dětské dny", 0)]

    def test_archived_ones_on_request_and_search_without_diacritics(self, coordinator):
        MasterEventFactory(name="Čarodějnice", is_archived=True)
        for asked in ({"archive": "yes"}, {"archive": "all", "q": "carodej"}):
            found = coordinator.get(LIST, asked).context["cl"].result_list
            assert [row.name for row in found] == ["Čarodějnice"]

    def test_costs_no_more_with_more_rows(self, coordinator):
        def cost() -> int:
            with CaptureQueriesContext(connection) as found:
                coordinator.get(LIST)
            return len(found)

        ensure_general()
        few = cost()
        for _n in range(10):
            MasterEventFactory(coordinator=make_member())
        assert cost() <= few <= 15

    def test_members_stay_out(self):
        assert logged_in(make_member()).get(LIST, follow=True).status_code == 403


class TestForm:
    def test_creates(self, coordinator):
        boss = make_member()
        typed = form_of(coordinator, f"{LIST}add/", name=" Letná ", coordinator=str(boss.pk))
        answer = coordinator.post(f"{LIST}add/", typed)
        master = MasterEvent.objects.get(coordinator=boss)
        assert (master.name, answer.url) == ("Letná", change(master))

    def test_a_pop_up_hands_the_new_one_back_to_the_form_it_was_opened_from(self, coordinator):
        typed = filled(coordinator.get(f"{LIST}add/?_popup=1"), "masterevent_form", name="Letná")
        answer = coordinator.post(f"{LIST}add/?_popup=1", typed)
        assert "popup_response" in text_of(answer)
        assert "Letn" in text_of(answer)

    def test_edits_and_counts_the_write(self, coordinator):
        master = MasterEventFactory()
        coordinator.post(change(master), form_of(coordinator, change(master), description="Celý rok"))
        master.refresh_from_db()
        assert (master.description, master.version) == ("Celý rok", 2)

    @pytest.mark.parametrize("name", ["", "  ", "Obecné"])
    def test_a_name_is_needed_and_unique(self, coordinator, name):
        ensure_general()
        answer = coordinator.post(f"{LIST}add/", form_of(coordinator, f"{LIST}add/", name=name))
        assert list(answer.context["adminform"].form.errors) == ["name"]

    def test_a_stale_form_saves_nothing(self, coordinator):
        master = MasterEventFactory(name="Letná")
        typed = form_of(coordinator, change(master), name="Pozdě")
        MasterEvent.objects.filter(pk=master.pk).update(version=2)
        assert told(coordinator.post(change(master), typed))
        master.refresh_from_db()
        assert master.name == "Letná"

    def test_only_active_people_can_coordinate(self, coordinator):
        gone = make_member(is_active=False)
        answer = coordinator.post(
            f"{LIST}add/", form_of(coordinator, f"{LIST}add/", name="Letná", coordinator=str(gone.pk))
        )
        assert list(answer.context["adminform"].form.errors) == ["coordinator"]

    def test_one_who_has_left_may_stay_where_they_are(self, coordinator):
        master = MasterEventFactory(coordinator=make_member(name="Odešlá Jana", is_active=False))
        coordinator.post(change(master), form_of(coordinator, change(master), description="Dál"))
        master.refresh_from_db()
        assert (master.description, master.coordinator.name) == ("Dál", "Odešlá Jana")

    def test_the_page_lists_nobody_to_choose_from(self, coordinator):
        make_member(name="Neviditelná Osoba")
        assert "Neviditelná" not in text_of(coordinator.get(f"{LIST}add/"))

    def test_an_archived_one_is_only_shown(self, coordinator):
        master = MasterEventFactory(is_archived=True)
        assert 'name="_save"' not in text_of(coordinator.get(change(master)))
        assert coordinator.post(change(master), {"name": "X"}).status_code == 403

    def test_nobody_deletes(self, admin):
        assert admin.post(f"{change(ensure_general())}../delete/", follow=True).status_code in (403, 404)


class TestArchiving:
    def test_takes_the_events_along_and_says_how_many(self, admin):
        master = MasterEventFactory()
        EventFactory.create_batch(2, master_event=master)
        page = admin.get(change(master))
        assert "2" in str(page.context["buttons"][0].consequence)
        answer = admin.post(step(master, "archive"), {"version": master.version})
        assert "2" in told(answer)
        assert Event.objects.filter(is_archived=True).count() == 2

    def test_restoring_says_how_many_stay_behind(self, admin):
        master = MasterEventFactory(is_archived=True)
        EventFactory.create_batch(3, master_event=master, is_archived=True)
        answer = admin.post(step(master, "unarchive"), {"version": master.version})
        master.refresh_from_db()
        assert not master.is_archived
        assert "3" in told(answer)
        assert Event.objects.filter(is_archived=True).count() == 3

    def test_never_the_general_one(self, admin):
        general = ensure_general()
        assert admin.get(change(general)).context["buttons"] == []
        assert told(admin.post(step(general, "archive"), {"version": general.version}))
        general.refresh_from_db()
        assert not general.is_archived

    def test_twice_is_a_sentence(self, admin):
        master = MasterEventFactory(is_archived=True)
        assert told(admin.post(step(master, "archive"), {"version": master.version}))

    def test_not_from_an_old_page_and_not_by_a_link(self, admin):
        master = MasterEventFactory(version=2)
        admin.post(step(master, "archive"), {"version": "1"})
        admin.get(step(master, "archive"))
        master.refresh_from_db()
        assert not master.is_archived

    def test_needs_its_right(self, coordinator):
        master = MasterEventFactory()
        assert coordinator.get(change(master)).context["buttons"] == []
        assert coordinator.post(step(master, "archive"), {"version": master.version}).status_code == 403

    def test_an_unknown_step_is_not_there(self, admin):
        assert admin.post(step(ensure_general(), "burn"), {"version": "1"}).status_code == 404


class TestWaysInTheList:
    def ways(self, client, master) -> str:
        page = text_of(client.get(LIST, {"archive": "all"}))
        start = page.index("row-links", page.index(f"/masterevent/{master.pk}/change/"))
        return page[start : page.index("</tr>", start)]

    def test_of_a_coordinator(self, coordinator):
        ways = self.ways(coordinator, MasterEventFactory())
        assert "Tabulkový manažer" in ways
        assert "Upravit" in ways
        assert "Archivovat" not in ways

    def test_of_an_admin(self, admin):
        assert "#step-archive" in self.ways(admin, MasterEventFactory())
        assert "Archivovat" not in self.ways(admin, ensure_general())

    def test_of_an_archived_one(self, admin):
        ways = self.ways(admin, MasterEventFactory(is_archived=True))
        assert "#step-unarchive" in ways
        assert "Upravit" not in ways

    def test_the_way_leads_to_the_button(self, admin):
        master = MasterEventFactory()
        assert 'id="step-archive"' in text_of(admin.get(change(master)))

    def test_archived_ones_are_shown_and_hidden_by_one_link(self, coordinator):
        MasterEventFactory(name="Letná", is_archived=True)
        page = text_of(coordinator.get(LIST))
        assert "Letná" not in page
        assert "Zobrazit archivované" in page
        page = text_of(coordinator.get(LIST, {"archive": "all"}))
        assert "Letná" in page
        assert "Skrýt archivované" in page


class TestEvents:
    def names(self, answer) -> list[str]:
        return [event.name for event in answer.context["events"]]

    def test_all_of_them_the_newest_first(self, coordinator):
        master = MasterEventFactory()
        for days, fields in enumerate([{"status": Status.DRAFT}, {}, {"is_archived": True}]):
            EventFactory(name=str(days), master_event=master, start=EVENING + timedelta(days=days), **fields)
        EventFactory(name="jinde")
        assert self.names(coordinator.get(change(master))) == ["2", "1", "0"]

    @pytest.mark.parametrize(
        ("sort", "names"),
        [("start", ["b", "a"]), ("-start", ["a", "b"]), ("name", ["a", "b"]), ("-name", ["b", "a"]),
         ("status", ["a", "b"]), ("-size", ["b", "a"]), ("nonsense", ["a", "b"])],
    )  # fmt: skip
    def test_sorted_as_asked(self, coordinator, sort, names):
        master = MasterEventFactory()
        EventFactory(name="a", master_event=master, start=EVENING + timedelta(days=1), status=Status.DRAFT)
        PositionFactory(event=EventFactory(name="b", master_event=master))
        assert self.names(coordinator.get(change(master), {"sort": sort})) == names

    def test_page_by_page(self, coordinator):
        master = MasterEventFactory()
        EventFactory.create_batch(76, master_event=master)
        assert len(self.names(coordinator.get(change(master)))) == 75
        assert len(self.names(coordinator.get(change(master), {"page": "99"}))) == 1

    def test_says_when_there_is_none(self, coordinator):
        assert "Zatím tu není žádná akce." in text_of(coordinator.get(change(MasterEventFactory())))

    def test_their_number_costs_nothing(self, coordinator):
        master = MasterEventFactory()
        for _n in range(2):
            put(make_member(), PositionFactory(event=EventFactory(master_event=master)))
        CapacityEventFactory(master_event=master)
        few = queries_of(coordinator, change(master))
        for _n in range(8):
            put(make_member(), PositionFactory(event=EventFactory(master_event=master)))
            CapacityEventFactory(master_event=master)
        assert queries_of(coordinator, change(master)) <= few <= 18

    def test_statistics_leave_out_what_was_put_away_but_not_what_was_cancelled(self, coordinator):
        master = MasterEventFactory()
        for status in [*Status, Status.OPEN]:
            EventFactory(master_event=master, status=status, is_archived=status == Status.CANCELLED)
        EventFactory(master_event=master, status=Status.COMPLETED, is_archived=True)
        EventFactory(status=Status.OPEN)
        assert coordinator.get(change(master)).context["statistics"] == {
            "total": 7, "completed": 1, "running": 4, "cancelled": 1, "archived": 1,
        }  # fmt: skip

    def test_the_way_to_the_printout(self, coordinator):
        master = MasterEventFactory()
        assert f"/reports/print/?master={master.pk}" in text_of(coordinator.get(change(master)))
        archived = MasterEventFactory(is_archived=True)
        assert "/reports/print/" not in text_of(coordinator.get(change(archived)))
