"""The catalogue: every type is whole, can be switched, and can be tried."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation

from events.models import Event
from events.tests.factories import CapacityEventFactory, EventFactory, PositionFactory, put
from medcover.backoffice.tests.pages import browser, inline_parts, told
from medcover.common.errors import DomainError
from medcover.system.models import AuditEntry, SiteSettings
from medcover.system.services import DELAYS, save_settings
from notifications import registry, samples
from notifications.delivery import drain
from notifications.models import NotificationSwitch, OptOut, OutboxMessage
from notifications.registry import NoticeType
from notifications.rules import Priority
from notifications.tests.mails import composed
from notifications.tests.types import TYPES
from roster.models import User
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 5, 5, 12, 0, tzinfo=UTC)
PAGE = reverse("admin:notifications_notificationswitch_changelist")
SAVE_DELAYS = reverse("admin:notifications_notificationswitch_delays")
SEND_SAMPLE = reverse("admin:notifications_notificationswitch_sample")


def ours() -> list[NoticeType]:
    """The types of the product, without those of the tests."""
    invented = {notice.code for notice in TYPES}
    return [notice for notice in registry.catalogue() if notice.code not in invented]


def declined() -> list[NoticeType]:
    return [notice for notice in ours() if not notice.always_on]


def send(code: str, *, about: Event, by: User) -> OutboxMessage:
    return samples.send_sample(code, to="a@example.org", about=str(about.pk), at_once=True, by=by)


@pytest.fixture
def admin():
    return make_admin(language="en")


@pytest.fixture
def client(admin):
    return browser(admin)


class TestEveryType:
    def test_has_its_templates(self):
        for notice in ours():
            names = [registry.template_of(notice)]
            if notice.batch == "events":
                names.append(f"events/mail/entry_{notice.code}")
            for name in names:
                assert get_template(f"{name}.html"), notice.code
                assert get_template(f"{name}.txt"), notice.code

    @pytest.mark.parametrize("what", ["name", "description", "trigger", "recipients"])
    def test_is_described_in_both_languages(self, what):
        for notice in ours():
            words = {}
            for language in ("en", "cs"):
                with translation.override(language):
                    words[language] = str(getattr(notice, what))
            assert words["en"], f"{notice.code}: {what}"
            assert words["en"] != words["cs"], f"{notice.code}: {what} has no Czech words"

    def test_has_a_gate_unless_it_is_about_an_account(self):
        assert [notice.code for notice in ours() if not notice.roles and notice.priority != Priority.AUTH] == []

    @pytest.mark.parametrize("by_conditions", [False, True])
    def test_that_can_be_declined_can_be_tried(self, admin, by_conditions):
        event = CapacityEventFactory() if by_conditions else PositionFactory().event
        for notice in declined():
            row = send(notice.code, about=event, by=admin)
            mail = composed(row)
            assert mail is not None, notice.code
            assert not notice.batch or event.name in mail.body
            assert mail.to == ["a@example.org"]


class TestDelays:
    def send(self, client, *minutes: object, version: int = 1):
        return client.post(SAVE_DELAYS, {**dict(zip(DELAYS, minutes, strict=True)), "version": version})

    def test_are_written_and_recorded(self, client, admin):
        SiteSettings.load()
        assert told(self.send(client, 1, 30, 30, 20160)) == ["The delays have been saved."]
        assert SiteSettings.load().notify_delays == (1, 30, 30, 20160)
        entry = AuditEntry.objects.get(actor=admin)
        assert entry.changes["notify_delay_1_7_days_min"] == ["60", "30"]

    @pytest.mark.parametrize(
        ("minutes", "words"),
        [
            (("", 60, 360, 1440), "Fill in"),
            (("5.5", 60, 360, 1440), "whole number"),
            ((5, "x", 360, 1440), "whole number"),
            ((5, 60, 0, 1440), "at least one minute"),
            ((5, 60, -3, 1440), "at least one minute"),
            ((5, 60, 360, 20161), "two weeks"),
            ((5, 60, 360, 9**30), "two weeks"),
            ((61, 60, 360, 1440), "further away"),
            ((5, 60, 1441, 1440), "further away"),
        ],
    )
    def test_refuse_each_mistake_in_words_and_write_nothing(self, client, minutes, words):
        SiteSettings.load()
        (sentence,) = told(self.send(client, *minutes))
        assert words in sentence
        assert SiteSettings.load().notify_delays == (5, 60, 360, 1440)

    def test_an_old_page_does_not_undo_a_newer_change(self, client):
        SiteSettings.load()
        save_settings(by=None, notify_delay_over_month_min=2000)
        self.send(client, 5, 60, 360, 1440)
        assert SiteSettings.load().notify_delay_over_month_min == 2000

    def test_a_rule_of_the_service_too(self):
        with pytest.raises(DomainError):
            save_settings(by=None, notify_delay_under_24h_min=61)

    def test_are_told_in_words_as_well(self, client):
        save_settings(by=None, notify_delay_over_month_min=20160)
        page = client.get(PAGE).content.decode()
        assert [words for words in ("5 minutes", "60 minutes", "6 hours", "14 days") if f"≈ {words}" not in page] == []


class TestSamples:
    def test_wait_as_long_as_the_real_one_would(self, admin):
        with time_machine.travel(NOW, tick=False):
            event = EventFactory(start=NOW + timedelta(days=2), end=NOW + timedelta(days=3))
            answer = browser(admin).post(
                SEND_SAMPLE, {"code": "event_changed", "to": "a@example.org", "about": event.pk}
            )
            (sentence,) = told(answer)
        row = OutboxMessage.objects.get()
        assert (row.send_after, row.recipient, row.to_email) == (NOW + timedelta(hours=1), admin, "a@example.org")
        assert "05.05.2027 15:00" in sentence
        entry = AuditEntry.objects.get(actor=admin)
        assert "Změna údajů akce" in entry.summary
        assert "a@example.org" not in entry.summary + entry.object_repr

    def test_leave_at_once_when_asked(self, client, mail_server):
        event = EventFactory()
        form = {"code": "event_changed", "to": "a@example.org", "about": event.pk, "at_once": "on"}
        assert "at once" in told(client.post(SEND_SAMPLE, form))[0]
        drain()
        assert [mail.recipients for mail in mail_server.messages] == [["a@example.org"]]

    def test_touch_nothing_that_really_waits(self, admin, mail_server):
        """The tester's own genuine message goes on waiting, for the tester's own address."""
        event, member = EventFactory(), make_member()
        put(member, PositionFactory(event=event))
        genuine = OutboxMessage.objects.create(
            code="event_changed", recipient=admin, to_email=admin.email, subject="x", topic=f"event:{event.pk}",
            batch="events", payload={"event_id": event.pk, "event_name": event.name, "changes": {"name": ["a", "b"]}},
            send_after=NOW + timedelta(days=400),
        )  # fmt: skip
        for _again in range(2):
            send("event_changed", about=event, by=admin)
        drain()
        genuine.refresh_from_db()
        assert (genuine.status, genuine.to_email) == ("pending", admin.email)
        assert [mail.recipients for mail in mail_server.messages] == [["a@example.org"]] * 2

    def test_ask_neither_switches_nor_roles_nor_wishes(self, admin, mail_server):
        NotificationSwitch.objects.create(code="event_changed", enabled=False)
        OptOut.objects.create(person=admin, code="event_changed")
        event = EventFactory()
        send("event_changed", about=event, by=admin)
        drain()
        assert len(mail_server.messages) == 1

    @pytest.mark.parametrize("code", ["", "nothing", "password_reset", "invitation"])
    def test_of_an_unknown_or_account_type_are_refused(self, client, code):
        answer = client.post(SEND_SAMPLE, {"code": code, "to": "a@example.org", "about": EventFactory().pk})
        assert told(answer) == ["Unknown type of notification."]

    @pytest.mark.parametrize("to", ["", "nobody", "a@example.org, b@example.org", "a@example.org\nBcc: b@example.org"])
    def test_to_an_impossible_address_are_refused(self, client, to):
        answer = client.post(SEND_SAMPLE, {"code": "event_changed", "to": to, "about": EventFactory().pk})
        assert told(answer) == ["Enter the e-mail address that the sample is to go to."]
        assert not OutboxMessage.objects.exists()

    @pytest.mark.parametrize("about", ["", "0", "x", "-1", "9" * 40, "²"])
    def test_about_no_event_are_refused(self, client, about):
        answer = client.post(SEND_SAMPLE, {"code": "event_changed", "to": "a@example.org", "about": about})
        assert told(answer) == ["There is no event that a sample could be about."]

    def test_are_not_for_coordinators(self):
        stranger = browser(make_coordinator())
        assert stranger.post(SEND_SAMPLE, {"code": "event_changed"}).status_code == 403
        assert stranger.post(SAVE_DELAYS, {}).status_code == 403


class TestThePage:
    def test_offers_the_events_that_begin_last_first(self, client):
        first, last = EventFactory(), EventFactory(start=NOW + timedelta(days=900), end=NOW + timedelta(days=901))
        EventFactory(is_archived=True)
        keys = [key for key, _words in client.get(PAGE).context["sample"].fields["about"].choices]
        assert keys == [str(last.pk), str(first.pk)]

    def test_keeps_the_content_security_policy(self, client):
        assert inline_parts(client.get(PAGE)) == []

    def test_costs_no_query_that_grows(self, client, django_assert_max_num_queries):
        EventFactory.create_batch(20)
        client.get(PAGE)
        with django_assert_max_num_queries(9):
            client.get(PAGE)
