"""Master events in the backoffice."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import Event, MasterEvent
from events.services.masters import ensure_general
from events.tests.factories import EventFactory, MasterEventFactory
from events.tests.filling import filled
from events.tests.pages import logged_in, text_of
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
