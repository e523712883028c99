"""The buttons above an event, and the actions on many."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from credentials.tests.factories import QualificationFactory, hold
from events.models import Event
from events.rules.lifecycle import Status
from events.tests.factories import EVENING, EventFactory, PositionFactory, put
from events.tests.filling import filled
from events.tests.pages import logged_in, text_of
from notifications.models import OutboxMessage
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

LIST = "/admin/events/event/"


@pytest.fixture
def coordinator():
    return logged_in(make_coordinator())


def step(event, code) -> str:
    return reverse("admin:events_event_step", args=[event.pk, code])


def told(answer) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


class TestSteps:
    def codes(self, client, event) -> list[str]:
        page = client.get(reverse("admin:events_event_change", args=[event.pk]))
        return [button.url.split("/")[-2] for button in page.context["buttons"]]

    @pytest.mark.parametrize(
        ("status", "codes"),
        [
            (Status.DRAFT, ["publish", "cancel", "archive"]),
            (Status.PUBLISHED, ["open", "cancel"]),
            (Status.OPEN, ["close", "cancel"]),
            (Status.CLOSED, ["open", "cancel"]),
            (Status.COMPLETED, []),
        ],
    )
    def test_are_those_that_are_possible_and_permitted(self, coordinator, status, codes):
        assert self.codes(coordinator, EventFactory(status=status)) == codes

    def test_of_a_cancelled_event(self, coordinator):
        assert self.codes(coordinator, EventFactory(status=Status.CANCELLED, is_archived=True)) == ["restore"]

    def test_an_admin_may_put_anything_away_and_bring_it_back(self):
        admin = logged_in(make_admin())
        assert "archive" in self.codes(admin, EventFactory())
        assert self.codes(admin, EventFactory(status=Status.COMPLETED, is_archived=True)) == ["unarchive"]

    def test_post_what_they_say_and_tell_people(self, coordinator):
        event = EventFactory(status=Status.DRAFT, signups_open_at=EVENING)
        answer = coordinator.post(step(event, "publish"), {"version": event.version})
        assert answer.url == reverse("admin:events_event_change", args=[event.pk])
        event.refresh_from_db()
        assert event.status == Status.PUBLISHED
        assert OutboxMessage.objects.get().code == "event_published"

    def test_name_the_consequence(self, coordinator):
        now, later = EventFactory(status=Status.DRAFT), EventFactory(status=Status.DRAFT, signups_open_at=EVENING)
        consequences = set()
        for event in (now, later):
            page = coordinator.get(reverse("admin:events_event_change", args=[event.pk]))
            consequences.add(str(page.context["buttons"][0].consequence))
            assert 'name="csrfmiddlewaretoken"' in text_of(page)
        assert len(consequences) == 2

    def test_are_refused_from_an_old_page(self, coordinator):
        event = EventFactory(status=Status.DRAFT, version=3)
        for version in ("2", "", "x"):
            answer = coordinator.post(step(event, "publish"), {"version": version})
            assert told(answer)
        event.refresh_from_db()
        assert event.status == Status.DRAFT

    def test_are_refused_where_they_are_not_possible(self, coordinator):
        event = EventFactory(status=Status.COMPLETED)
        answer = coordinator.post(step(event, "cancel"), {"version": event.version}, follow=True)
        assert answer.status_code == 200
        event.refresh_from_db()
        assert event.status == Status.COMPLETED

    @pytest.mark.parametrize("code", ["complete", "close_when_full", "nonsense"])
    def test_the_system_s_own_moves_are_not_for_people(self, coordinator, code):
        event = EventFactory()
        coordinator.post(step(event, code), {"version": event.version})
        event.refresh_from_db()
        assert event.status == Status.OPEN

    def test_need_their_right(self, coordinator):
        event = EventFactory()
        assert coordinator.post(step(event, "archive"), {"version": event.version}).status_code == 403

    def test_change_nothing_by_a_link(self, coordinator):
        event = EventFactory()
        assert coordinator.get(step(event, "cancel")).status_code == 302
        event.refresh_from_db()
        assert event.status == Status.OPEN

    def test_archiving_and_bringing_back(self):
        admin, event = logged_in(make_admin()), EventFactory()
        admin.post(step(event, "archive"), {"version": event.version})
        event.refresh_from_db()
        assert event.is_archived
        admin.post(step(event, "unarchive"), {"version": event.version})
        event.refresh_from_db()
        assert not event.is_archived

    def test_of_an_event_that_does_not_exist(self, coordinator):
        assert coordinator.post("/admin/events/event/0/step/publish/").status_code == 404


class TestBulk:
    @pytest.fixture
    def events(self):
        return [
            EventFactory(name="Koncept", status=Status.DRAFT, signups_open_at=EVENING),
            EventFactory(name="Zveřejněná", status=Status.PUBLISHED),
            EventFactory(name="Otevřená"),
            EventFactory(name="Dokončená", status=Status.COMPLETED),
        ]

    def ask(self, client, code, events, **more):
        chosen = {"_selected_action": [event.pk for event in events], "action": code, "index": "0"}
        return client.post(f"{LIST}?time=all", {**chosen, **more})

    def confirm(self, client, answer, **more):
        context = answer.context
        return client.post(context["url"], {"ids": context["ids"], "next": context["back"], **more})

    def do(self, client, code, events, **more):
        return self.confirm(client, self.ask(client, code, events), **more)

    def statuses(self) -> dict[str, str]:
        return dict(Event.objects.values_list("name", "status"))

    def test_asks_before_it_does_anything(self, coordinator, events):
        answer = self.ask(coordinator, "publish", events)
        assert (answer.context["count"], len(answer.context["names"])) == (4, 4)
        assert self.statuses()["Koncept"] == Status.DRAFT

    def test_changes_what_can_be_changed_and_says_why_not_the_rest(self, coordinator, events):
        answer = self.do(coordinator, "publish", events)
        assert answer.url == f"{LIST}?time=all"
        assert self.statuses()["Koncept"] == Status.PUBLISHED
        assert self.statuses()["Otevřená"] == Status.OPEN
        words = told(answer)
        assert all(name in words for name in ("Zveřejněná", "Otevřená", "Dokončená"))
        assert "1" in words
        assert "3" in words

    def test_sends_notices_only_when_asked_to(self, coordinator, events):
        self.do(coordinator, "publish", events[:1])
        assert not OutboxMessage.objects.exists()
        make_member()
        self.do(coordinator, "open", events[:2], notify="on")
        assert set(OutboxMessage.objects.values_list("code", flat=True)) == {"assignments_opened"}

    def test_cancelling_leaves_completed_ones_alone(self, coordinator, events):
        self.do(coordinator, "cancel", events)
        assert set(self.statuses().values()) == {Status.CANCELLED, Status.COMPLETED}
        assert Event.objects.filter(is_archived=True).count() == 3

    def test_closing_and_restoring(self, coordinator, events):
        self.do(coordinator, "close", events[2:3])
        assert self.statuses()["Otevřená"] == Status.CLOSED
        self.do(coordinator, "cancel", events[2:3])
        answer = coordinator.post(
            f"{LIST}?time=all&archive=all",
            {"_selected_action": [events[2].pk], "action": "restore", "index": "0"},
        )
        self.confirm(coordinator, answer)
        assert self.statuses()["Otevřená"] == Status.DRAFT

    def test_marking_as_paid_skips_what_is_paid_already(self, coordinator, events):
        Event.objects.filter(pk=events[0].pk).update(is_paid=True)
        put(make_member(), PositionFactory(event=events[1]))
        answer = self.do(coordinator, "mark_paid", events)
        assert set(Event.objects.filter(is_paid=True)) == set(events)
        assert "Koncept" in told(answer)
        assert "Otevřená" not in told(answer)
        assert not OutboxMessage.objects.exists()
        self.do(coordinator, "mark_unpaid", events[1:2], notify="on")
        assert OutboxMessage.objects.get().code == "event_changed"

    def test_a_coordinator_archives_drafts_only(self, coordinator, events):
        self.do(coordinator, "archive", events)
        assert [event.name for event in Event.objects.filter(is_archived=True)] == ["Koncept"]

    def test_an_admin_brings_back(self, events):
        admin = logged_in(make_admin())
        self.do(admin, "archive", events)
        assert Event.objects.filter(is_archived=True).count() == 4
        answer = admin.post(
            f"{LIST}?time=all&archive=yes",
            {"_selected_action": [event.pk for event in events], "action": "unarchive", "index": "0"},
        )
        self.confirm(admin, answer)
        assert not Event.objects.filter(is_archived=True).exists()

    def test_is_offered_by_right(self, coordinator, events):
        page = coordinator.get(f"{LIST}?time=all")
        offered = {value for value, _label in page.context["action_form"].fields["action"].choices}
        assert {"publish", "open", "close", "cancel", "restore", "mark_paid", "mark_unpaid", "archive"} <= offered
        assert "unarchive" not in offered
        answer = coordinator.post(reverse("admin:events_event_bulk", args=["unarchive"]), {"ids": str(events[0].pk)})
        assert answer.status_code == 403

    def test_needs_a_choice(self, coordinator, events):
        answer = self.ask(coordinator, "publish", [])
        assert answer.status_code == 302
        assert told(answer)

    def test_takes_all_pages_when_asked_to(self, coordinator, events):
        answer = self.ask(coordinator, "publish", events[:1], select_across="1")
        assert answer.context["count"] == 4

    def test_counts_what_has_vanished_and_refuses_nonsense(self, coordinator, events):
        url = reverse("admin:events_event_bulk", args=["publish"])
        answer = coordinator.post(url, {"ids": f"{events[0].pk},999999999"})
        assert answer.url == LIST
        assert "2" not in told(answer)
        assert self.statuses()["Koncept"] == Status.PUBLISHED
        assert coordinator.post(url, {"ids": "1,x"}).status_code == 400

    def test_goes_back_to_this_site_only(self, coordinator, events):
        url = reverse("admin:events_event_bulk", args=["publish"])
        answer = coordinator.post(url, {"ids": "", "next": "https://elsewhere.example/"})
        assert answer.url == LIST


def test_a_full_event_closed_by_capacity_reopens_when_its_plan_grows(coordinator):
    medic = QualificationFactory(can_lead=True)
    event = EventFactory(status=Status.CLOSED, capacity_closed=True)
    member = make_member()
    hold(member, medic)
    put(member, PositionFactory(event=event, qualifications=[medic]))
    url = reverse("admin:events_event_change", args=[event.pk])
    coordinator.post(url, filled(coordinator.get(url), **{"positions-1-description": "Další"}))
    event.refresh_from_db()
    assert event.status == Status.OPEN
